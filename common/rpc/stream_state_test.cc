#include <gtest/gtest.h>

#include "baimi/ticket/v1/ticket_service.pb.h"
#include "common/rpc/reactors.h"

namespace baimi::rpc {
namespace {

using Response = ticket::v1::WatchTicketsResponse;

// Bound to no call: what the stream starts waits for one, and the test says when a write is done.
class UnboundReactor final : public grpc::ServerWriteReactor<Response> {
 public:
  void OnDone() override {}
};

class StreamStateTest : public ::testing::Test {
 protected:
  StreamStateTest() {
    stream_.SetConclude([this](const absl::Status& status) {
      ends_.push_back(status);
      return grpc::Status::OK;
    });
  }
  static Response Message(const std::string& cursor) {
    Response message;
    message.set_cursor(cursor);
    return message;
  }

  UnboundReactor reactor_;
  StreamState<Response> stream_{&reactor_, PiiView::kFull};
  std::vector<absl::Status> ends_;
};

TEST_F(StreamStateTest, CallerGoesAwayDuringAWrite_EndsOnceWhenThatWriteIsDone) {
  // The write ends well all the same, or not: both happen.
  for (const bool ok : {true, false}) {
    StreamState<Response> stream(&reactor_, PiiView::kFull);
    int ends = 0;
    stream.SetConclude([&](const absl::Status& status) {
      ++ends;
      EXPECT_TRUE(absl::IsCancelled(status)) << status;
      return grpc::Status::OK;
    });
    stream.Write(Message("a"));
    stream.Write(Message("b"));
    stream.Cancelled();
    EXPECT_EQ(ends, 0) << "a write is under way";
    stream.WriteDone(ok);
    EXPECT_EQ(ends, 1);
    EXPECT_TRUE(stream.Gone());
    stream.Write(Message("c"));
    stream.Cancelled();
    EXPECT_EQ(ends, 1);
  }
}

// The handler's call and request belong to the reactor, which is gone soon after the end.
TEST_F(StreamStateTest, CallerGoesAwayWhileTheHandlerRuns_EndsAfterIt) {
  stream_.Hold();
  stream_.Write(Message("a"));
  stream_.Cancelled();
  stream_.WriteDone(false);
  EXPECT_TRUE(stream_.Gone());
  EXPECT_TRUE(ends_.empty());
  stream_.Finish(absl::InternalError("the handler's own"));
  EXPECT_TRUE(ends_.empty());
  stream_.Release();
  ASSERT_EQ(ends_.size(), 1U);
  EXPECT_TRUE(absl::IsCancelled(ends_[0])) << ends_[0];
}

TEST_F(StreamStateTest, Room_CountsTheWriteUnderWay) {
  const int all = stream_.Room();
  stream_.Write(Message("a"));
  stream_.Write(Message("b"));
  EXPECT_EQ(stream_.Room(), all - 2);
  stream_.WriteDone(true);
  EXPECT_EQ(stream_.Room(), all - 1);
  stream_.WriteDone(true);
  EXPECT_EQ(stream_.Room(), all);
}

TEST_F(StreamStateTest, Finish_SendsWhatIsQueuedFirst) {
  stream_.Write(Message("a"));
  stream_.Write(Message("b"));
  stream_.Finish(absl::OkStatus());
  stream_.WriteDone(true);
  EXPECT_TRUE(ends_.empty());
  stream_.WriteDone(true);
  ASSERT_EQ(ends_.size(), 1u);
  EXPECT_TRUE(ends_[0].ok());
}

}  // namespace
}  // namespace baimi::rpc
