// One watch of the county's orders over gRPC. Under faults it is begun again at its last cursor
// when it broke, as a good client does.
#ifndef BAIMI_TESTS_INTEGRATION_WATCH_H_
#define BAIMI_TESTS_INTEGRATION_WATCH_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {

class Watch {
 public:
  // From `cursor` on; empty: from now on.
  Watch(const Caller& caller, const std::string& cursor);
  ~Watch() { Cancel(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // The next message of any kind; nullopt at the end.
  std::optional<ticket::v1::WatchTicketsResponse> Next();
  // The next message with an event.
  ticket::v1::TicketEvent NextEvent();
  // After the last message.
  absl::Status End();
  void Cancel();
  const std::string& cursor() const { return cursor_; }

 private:
  void Begin();

  const Caller caller_;
  const std::unique_ptr<ticket::v1::TicketService::Stub> stub_;
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReader<ticket::v1::WatchTicketsResponse>> reader_;
  std::optional<absl::Status> ended_;
  int begun_ = 0;
  bool cancelled_ = false;
  std::string cursor_;
};

}  // namespace baimi::integration

#endif  // BAIMI_TESTS_INTEGRATION_WATCH_H_
