// The server's end of a client-streaming call: an upload. The caller sends messages, then ends its
// half, then gets one answer.
//
//   service.ClientStream<UploadBlobRequest, Blob>(
//       "UploadBlob", [this](const Call& call, const UploadBlobRequest& first) {
//         return OpenUpload(call, first);   // StatusOr<unique_ptr<Receiver<...>>>
//       });
//
// No thread waits for a slow caller: a lane's thread is taken for each step of a receiver and given
// back after it. The next message is read from the connection only when the one before was taken,
// so that a receiver that takes its time slows its caller down and nothing piles up.
//
// What the request looks like: a client-streaming request has exactly one singular `bytes` field at
// the top level, its content. The FIRST message carries the other fields: its scope field decides
// the county, its request_id the idempotency. The pipeline (deadline, authn, authz, quota,
// validation) judges the first message before anything else of the call is read; it may hold the
// first part of the content too. Later messages hold nothing but content, which is checked by its
// rule. A call without any message is judged as one with an empty message; bytes that are no
// message are INVALID_ARGUMENT, reason MALFORMED_BODY.
//
// The call ends early, and the receiver is destroyed, when
//   * a step fails: the caller gets that error;
//   * the caller goes away or the server cancels what a drain could not wait for;
//   * the deadline passes: DEADLINE_EXCEEDED, reason DEADLINE_PASSED. It counts from the first
//     message (policy: default_deadline_ms, max_deadline_ms) and covers the whole upload;
//   * no message comes for `idle`: the same code and reason;
//   * there is more content than the policy's max_upload_bytes: RESOURCE_EXHAUSTED, reason
//     BODY_TOO_LARGE, with `limit`; or more messages than `max_messages`: the same.
// A single message above the server's limit is cut by gRPC itself: the caller gets
// RESOURCE_EXHAUSTED or, where gRPC reports it as the end of the messages, the error of an upload
// that is too short. A drain waits for uploads under way as for every other call; new ones are
// refused.
#ifndef BAIMI_COMMON_RPC_CLIENT_STREAM_H_
#define BAIMI_COMMON_RPC_CLIENT_STREAM_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/async.h"
#include "common/base/call.h"

namespace baimi::rpc {

// The result of a step that has no other: `return Taken{};`.
struct Taken {};

// What came in the whole call.
struct Received {
  int64_t messages = 0;
  // Of content.
  int64_t bytes = 0;
  // SHA-256 of the content, 32 raw bytes; however it was cut into messages.
  std::string sha256;
};

// One upload under way. The functions run on a thread of the method's lane, one after the other,
// and may block as handlers do, or answer later. The call that the opener got, and that `call`
// refers to, lives as long as the receiver.
template <typename Request, typename Response>
class Receiver {
 public:
  // On any thread, and at once when the call ends early: must be quick and must not block. Never
  // while a step runs or its answer is awaited. Without Finish before, nothing of the upload may
  // stay visible.
  virtual ~Receiver() = default;

  // Each message, the first one included. An error ends the call.
  virtual Async<Taken> Take(Request message) = 0;
  // The caller has sent everything. From here on the call's fingerprint covers all that was sent:
  // first message and content, without request_id and however it was cut. The answer, or the error,
  // ends the call; when the caller has gone meanwhile it is dropped.
  virtual Async<Response> Finish(const Received& all) = 0;
};

// Runs on the lane when the first message has passed the pipeline; an error refuses the call. The
// first message comes to Take next.
template <typename Request, typename Response>
using ReceiverOpener = std::function<absl::StatusOr<std::unique_ptr<Receiver<Request, Response>>>(
    const Call& call, const Request& first)>;

struct ClientStreamOptions {
  // Longest wait for a message, the first one too. By the machine's clock; steps of the receiver do
  // not count.
  absl::Duration idle = absl::Seconds(60);
  // 0: 64, and one for each 4 KiB of the policy's max_upload_bytes.
  int64_t max_messages = 0;
  // Receivers of the method at once, each with one message in memory; more are refused with
  // LANE_FULL.
  int max_open = 32;
};

}  // namespace baimi::rpc

#endif  // BAIMI_COMMON_RPC_CLIENT_STREAM_H_
