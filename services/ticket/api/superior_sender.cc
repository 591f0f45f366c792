#include "services/ticket/api/superior_sender.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/privacy/mask.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/superior.h"
#include "services/ticket/domain/superior_results.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::api {
namespace {

// How long a result is left to who pushes it, should he die over it.
constexpr absl::Duration kGrace = absl::Minutes(2);
// Of one order, before others have their turn.
constexpr int kMostAtOnce = 100;
// Of what a carrier says went wrong.
constexpr size_t kMostFailureText = 200;

const RowScope& WholeCounty() {
  static const auto& scope = *new RowScope{.whole_county = true, .area_prefixes = {}, .units = {}};
  return scope;
}

// What the platform knows the result by, however often it gets it.
std::string MessageId(absl::string_view county, const v1::SuperiorResult& result) {
  return absl::StrCat(county, "-", result.platform(), "-", result.seq());
}

}  // namespace

absl::Status SuperiorSender::Move(Orders::Work& work, store::Pending pending,
                                  const store::ResultRow& row) const {
  BAIMI_RETURN_IF_ERROR(store_->SaveDelivery(work.tx.sql(), work.tx.county(), pending, row));
  v1::SuperiorResultMoved event;
  event.set_ticket(row.result.ticket());
  *event.mutable_delivery() = row.result.delivery();
  return work.tx.Record(row.result.name(), event, privacy::kNoKey).status();
}

absl::Status SuperiorSender::Note(Orders::Work& work, const std::string& number,
                                  v1::SuperiorPush push, int64_t seq,
                                  absl::string_view failure) const {
  BAIMI_ASSIGN_OR_RETURN(
      const store::TicketRow row,
      parts_.store->Load(work.tx.sql(), store::TicketName(work.tx.county(), number),
                         WholeCounty()));
  domain::Decision decision = domain::NotePush(row.ticket, push, seq, failure, work.context);
  return decision.facts.empty() ? absl::OkStatus()
                                : orders_.Commit(work, row, std::move(decision)).status();
}

absl::StatusOr<v1::SuperiorResult> SuperiorSender::Begin(Orders::Work& work,
                                                         const std::string& number,
                                                         Attempt* attempt) const {
  attempt->wanted = false;
  const absl::Time now = work.context.now;
  BAIMI_ASSIGN_OR_RETURN(std::optional<store::Lane> lane,
                         store_->LockLane(work.tx.sql(), work.tx.county(), number));
  if (!lane || !lane->try_time || *lane->try_time > now) {
    return v1::SuperiorResult();  // Somebody was faster.
  }
  BAIMI_ASSIGN_OR_RETURN(std::optional<store::ResultRow> next,
                         store_->Next(work.tx.sql(), work.tx.county(), number));
  if (lane->stopped == store::kLaneResumed) {
    lane->stopped = 0;
    if (next) {
      next->result.mutable_delivery()->set_attempts(0);
    }
    BAIMI_RETURN_IF_ERROR(
        Note(work, number, v1::SUPERIOR_PUSH_RESUMED, next ? next->result.seq() : 0, ""));
  }
  const v1::SuperiorPlatform* platform =
      domain::FindPlatform(work.context.policy.policy(), lane->platform);
  lane->try_time.reset();
  // Without a push in the policy of now the results wait to be fetched.
  if (next && platform != nullptr && platform->push()) {
    v1::SuperiorDelivery& delivery = *next->result.mutable_delivery();
    lane->try_time = now + kGrace;
    delivery.set_state(v1::SUPERIOR_WAITING);
    delivery.set_attempts(delivery.attempts() + 1);
    *delivery.mutable_try_time() = domain::ToProto(*lane->try_time);
    BAIMI_RETURN_IF_ERROR(
        store_->SaveDelivery(work.tx.sql(), work.tx.county(), store::Pending::kPush, *next));
    BAIMI_ASSIGN_OR_RETURN(const PiiView view,
                           store_->View(work.tx.sql(), work.tx.county(), next->result.platform()));
    attempt->wanted = true;
    attempt->message = {MessageId(work.tx.county(), next->result), next->result};
    attempt->message.result.clear_delivery();
    privacy::Mask(&attempt->message.result, view);
  }
  BAIMI_RETURN_IF_ERROR(store_->SaveLane(work.tx.sql(), work.tx.county(), number, *lane));
  return next ? std::move(next->result) : v1::SuperiorResult();
}

absl::StatusOr<v1::SuperiorResult> SuperiorSender::End(
    Orders::Work& work, const std::string& number, int64_t seq,
    const absl::StatusOr<std::string>& pushed) const {
  const absl::Time now = work.context.now;
  BAIMI_ASSIGN_OR_RETURN(std::optional<store::Lane> lane,
                         store_->LockLane(work.tx.sql(), work.tx.county(), number));
  if (!lane) {
    return v1::SuperiorResult();
  }
  BAIMI_ASSIGN_OR_RETURN(store::ResultRow row,
                         store_->Load(work.tx.sql(), work.tx.county(), lane->platform, seq));
  if (row.result.delivery().state() != v1::SUPERIOR_WAITING) {
    return row.result;  // Fetched meanwhile, or another replica went on with it after the grace.
  }
  v1::SuperiorDelivery& delivery = *row.result.mutable_delivery();
  const v1::SuperiorPlatform* platform =
      domain::FindPlatform(work.context.policy.policy(), lane->platform);
  if (pushed.ok()) {
    delivery.set_state(v1::SUPERIOR_PUSHED);
    delivery.clear_try_time();
    delivery.clear_failure();
    delivery.set_receipt(*pushed);
    *delivery.mutable_push_time() = domain::ToProto(now);
    BAIMI_RETURN_IF_ERROR(Move(work, store::Pending::kDone, row));
    BAIMI_ASSIGN_OR_RETURN(const std::optional<store::ResultRow> next,
                           store_->Next(work.tx.sql(), work.tx.county(), number));
    lane->try_time = next ? std::optional(now) : std::nullopt;
  } else {
    // A platform that left the policy meanwhile is tried no more.
    domain::PutOff(pushed.status().message().substr(0, kMostFailureText), now,
                   platform == nullptr ? v1::SuperiorPlatform() : *platform, &delivery);
    BAIMI_RETURN_IF_ERROR(Move(work, store::Pending::kPush, row));
    lane->try_time.reset();
    if (delivery.has_try_time()) {
      lane->try_time = domain::FromProto(delivery.try_time());
    } else {
      lane->stopped = store::kLaneStopped;
      BAIMI_RETURN_IF_ERROR(Note(work, number, v1::SUPERIOR_PUSH_STOPPED, seq, delivery.failure()));
    }
  }
  BAIMI_RETURN_IF_ERROR(store_->SaveLane(work.tx.sql(), work.tx.county(), number, *lane));
  return std::move(row.result);
}

absl::StatusOr<bool> SuperiorSender::PushNext(const Call& call, const std::string& number) const {
  auto attempt = std::make_shared<Attempt>();
  BAIMI_ASSIGN_OR_RETURN(
      const v1::SuperiorResult begun,
      orders_
          .TransactAs<v1::SuperiorResult>(call,
                                          [this, number, attempt](Orders::Work& work) {
                                            return Begin(work, number, attempt.get());
                                          })
          .Wait());
  if (!attempt->wanted) {
    return false;
  }
  const absl::StatusOr<std::string> pushed = carrier_->Push(attempt->message);
  BAIMI_RETURN_IF_ERROR(
      orders_
          .TransactAs<v1::SuperiorResult>(
              call, [this, number, seq = begun.seq(),
                     pushed](Orders::Work& work) { return End(work, number, seq, pushed); })
          .Wait()
          .status());
  return pushed.ok();
}

void SuperiorSender::Ring(const Call& call, const std::string& number,
                          const journal::AlarmClock::Done& done) const {
  absl::StatusOr<bool> more = true;
  for (int i = 0; i < kMostAtOnce && more.ok() && *more; ++i) {
    more = PushNext(call, number);
  }
  done(more.status());
}

}  // namespace baimi::ticket::api
