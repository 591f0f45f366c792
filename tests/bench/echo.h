// The yardstick: a gRPC server on the callback API that answers at once with a fixed number of
// bytes. No parsing, no credentials, no storage.
#ifndef BAIMI_TESTS_BENCH_ECHO_H_
#define BAIMI_TESTS_BENCH_ECHO_H_

namespace baimi::bench {

// The method it answers.
inline constexpr char kEchoMethod[] = "/baimi.ticket.v1.TicketService/GetTicket";

// Serves on a free port of loopback, prints "ready grpc=127.0.0.1:PORT", ends at SIGTERM. Exit
// code.
int ServeEcho(int answer_bytes);

}  // namespace baimi::bench

#endif  // BAIMI_TESTS_BENCH_ECHO_H_
