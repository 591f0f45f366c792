#include "services/ticket/api/served_copies.h"

#include "baimi/ticket/v1/resources.pb.h"
#include "gtest/gtest.h"

namespace baimi::ticket::api {
namespace {

constexpr char kName[] = "counties/469030/tickets/20260610-000001";

class ServedCopiesTest : public testing::Test {
 protected:
  std::shared_ptr<ServedCopy> Make(PiiView view, const std::string& title = "电梯停运") {
    v1::Ticket ticket;
    ticket.set_name(kName);
    ticket.set_title(title);
    ticket.mutable_caller()->set_phone("13812341234");
    auto copy = std::make_shared<ServedCopy>();
    copy->source = source_;
    copy->answer = rpc::MaskedBytes::Make(&ticket, view);
    copy->destructions = 3;
    copy->made = now_;
    return copy;
  }

  const cache::Value source_ = std::make_shared<const std::string>("sealed");
  const absl::Time now_ = absl::FromUnixSeconds(1'780'000'000);
  ServedCopies copies_{8};
};

TEST_F(ServedCopiesTest, Copy_OfTheSameValueViewAndKeys_IsFound) {
  const auto copy = Make(PiiView::kStaff);
  copies_.Keep(kName, copy);
  EXPECT_EQ(copies_.Find(kName, PiiView::kStaff, source_, 3, now_), copy);
}

TEST_F(ServedCopiesTest, Copy_OfAnotherValue_IsNot) {
  copies_.Keep(kName, Make(PiiView::kStaff));
  // The same bytes, read again: the order may have changed and changed back.
  const auto again = std::make_shared<const std::string>(*source_);
  EXPECT_EQ(copies_.Find(kName, PiiView::kStaff, again, 3, now_), nullptr);
}

TEST_F(ServedCopiesTest, Copy_AfterAKeyWasDestroyed_IsNot) {
  copies_.Keep(kName, Make(PiiView::kStaff));
  EXPECT_EQ(copies_.Find(kName, PiiView::kStaff, source_, 4, now_), nullptr);
}

TEST_F(ServedCopiesTest, Copy_TooOld_IsNot) {
  copies_.Keep(kName, Make(PiiView::kStaff));
  EXPECT_EQ(copies_.Find(kName, PiiView::kStaff, source_, 3, now_ + ServedCopies::kMaxAge),
            nullptr);
}

// One place, so that all of them fall on it.
TEST_F(ServedCopiesTest, Copy_OfAnotherView_IsNot) {
  ServedCopies one(1);
  one.Keep(kName, Make(PiiView::kStaff));
  EXPECT_EQ(one.Find(kName, PiiView::kPublic, source_, 3, now_), nullptr);
  EXPECT_EQ(one.Find(kName, PiiView::kFull, source_, 3, now_), nullptr);
}

TEST_F(ServedCopiesTest, UnmaskedOrLargeAnswers_AreNotKept) {
  copies_.Keep(kName, Make(PiiView::kFull));
  EXPECT_EQ(copies_.Find(kName, PiiView::kFull, source_, 3, now_), nullptr);
  copies_.Keep(kName, Make(PiiView::kStaff, std::string(ServedCopies::kLargest, 'x')));
  EXPECT_EQ(copies_.Find(kName, PiiView::kStaff, source_, 3, now_), nullptr);
}

TEST_F(ServedCopiesTest, KeptAnswer_IsMasked) {
  v1::Ticket shown;
  ASSERT_TRUE(shown.ParseFromString(Make(PiiView::kStaff)->answer->bytes()));
  EXPECT_EQ(shown.caller().phone(), "138****1234");
  ASSERT_TRUE(shown.ParseFromString(Make(PiiView::kPublic)->answer->bytes()));
  EXPECT_EQ(shown.title(), "");
}

}  // namespace
}  // namespace baimi::ticket::api
