// Notices as they follow from the journal, and text messages on their way.
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/api/notice_api.h"
#include "services/ticket/domain/notices.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/telling.h"

namespace baimi::ticket::api {
namespace {

// How long a message is left to who sends it, should he die over it.
constexpr absl::Duration kGrace = absl::Minutes(2);
// Of what a carrier says went wrong.
constexpr size_t kMostFailureText = 200;

const RowScope& WholeCounty() {
  static const auto& scope = *new RowScope{.whole_county = true, .area_prefixes = {}, .units = {}};
  return scope;
}

// What the carrier knows the message by: another one after each failure.
std::string MessageId(absl::string_view county, const v1::Notice& notice) {
  const std::string& name = notice.name();
  return absl::StrCat(county, "-", name.substr(name.rfind('/') + 1), "-", notice.failures());
}

// Without anything that could be the number.
std::string FailureOf(const absl::Status& status, const std::string& phone) {
  std::string text(status.message().substr(0, kMostFailureText));
  return phone.empty() || text.find(phone) == std::string::npos ? text : "refused";
}

}  // namespace

absl::Status NoticeApi::Make(sql::Tx& tx, const std::string& county,
                             absl::Span<const type::v1::JournalRecord> records) {
  for (const type::v1::JournalRecord& record : records) {
    v1::TicketFact fact;
    if (record.type() != v1::TicketFact::descriptor()->full_name()) {
      continue;
    }
    // The open part is enough: nothing personal stands in a notice.
    if (!fact.ParseFromString(record.payload())) {
      return Internal(absl::StrCat("notices: record ", record.seq(), " does not parse"));
    }
    if (domain::EventOf(fact) == v1::NOTICE_EVENT_UNSPECIFIED) {
      continue;
    }
    const auto policy = parts_.policies->At(tx, county, absl::FromUnixMicros(record.time_us()));
    if (ReasonOf(policy.status()) == "NO_POLICY") {
      continue;
    }
    BAIMI_RETURN_IF_ERROR(policy.status());
    if ((*policy)->policy().notices().templates().empty()) {
      continue;
    }
    BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row,
                           parts_.store->Load(tx, record.resource(), WholeCounty()));
    int64_t n = 0;
    for (v1::Notice& notice : domain::NoticesOf(fact, row.ticket, **policy)) {
      notice.set_name(store::NoticeName(county, {record.seq(), ++n}));
      BAIMI_RETURN_IF_ERROR(parts_.notices->Insert(tx, county, notice));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Notice> NoticeApi::BeginSending(Orders::Work& work, absl::string_view name,
                                                   std::string* phone) const {
  phone->clear();
  const absl::Time now = work.context.now;
  BAIMI_ASSIGN_OR_RETURN(v1::Notice notice,
                         parts_.notices->Load(work.tx.sql(), work.tx.county(), name));
  if (notice.status() != v1::NOTICE_WAITING || domain::FromProto(notice.try_time()) > now) {
    return notice;  // Somebody was faster.
  }
  const v1::NoticePolicy& policy = work.context.policy.policy().notices();
  const absl::Time loud = domain::AfterQuietHours(now, policy);
  BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row,
                         parts_.store->Load(work.tx.sql(), notice.ticket(), WholeCounty()));
  if (loud > now) {
    *notice.mutable_try_time() = domain::ToProto(loud);
  } else if (row.ticket.caller().phone().empty() || !domain::WantsToBeTold(row.ticket)) {
    notice.set_status(v1::NOTICE_GIVEN_UP);
    notice.set_failure("no number");
    notice.clear_try_time();
  } else {
    v1::ContactRevealed event;
    event.set_ticket(notice.ticket());
    event.set_purpose(absl::StrCat("短信告知 ", notice.name()));
    BAIMI_RETURN_IF_ERROR(work.tx.RecordAccess(notice.ticket(), event, privacy::kNoKey).status());
    notice.set_attempts(notice.attempts() + 1);
    *notice.mutable_try_time() = domain::ToProto(now + kGrace);
    *phone = row.ticket.caller().phone();
  }
  BAIMI_RETURN_IF_ERROR(parts_.notices->Update(work.tx.sql(), work.tx.county(), notice));
  return notice;
}

absl::StatusOr<v1::Notice> NoticeApi::EndSending(Orders::Work& work, absl::string_view name,
                                                 const absl::StatusOr<CarrierReceipt>& sent) const {
  BAIMI_ASSIGN_OR_RETURN(v1::Notice notice,
                         parts_.notices->Load(work.tx.sql(), work.tx.county(), name));
  if (notice.status() != v1::NOTICE_WAITING) {
    return notice;  // Another replica went on after the grace, with the same message.
  }
  if (!sent.ok()) {
    domain::PutOff(sent.status().message(), work.context.now,
                   work.context.policy.policy().notices(), &notice);
  } else {
    notice.clear_try_time();
    notice.clear_failure();
    notice.set_status(sent->delivered ? v1::NOTICE_DELIVERED : v1::NOTICE_SENT);
    notice.set_receipt(sent->id);
    *notice.mutable_send_time() = domain::ToProto(work.context.now);
    if (sent->delivered) {
      *notice.mutable_deliver_time() = domain::ToProto(work.context.now);
      BAIMI_RETURN_IF_ERROR(Arrived(work, notice));
    }
  }
  BAIMI_RETURN_IF_ERROR(Move(work, notice));
  return notice;
}

void NoticeApi::Ring(const Call& call, const std::string& id,
                     const journal::AlarmClock::Done& done) {
  const std::string name = absl::StrCat("counties/", call.county, "/notices/", id);
  auto phone = std::make_shared<std::string>();
  const absl::StatusOr<v1::Notice> begun =
      orders_
          .TransactAs<v1::Notice>(call,
                                  [this, name, phone](Orders::Work& work) {
                                    return BeginSending(work, name, phone.get());
                                  })
          .Wait();
  if (!begun.ok() || phone->empty()) {
    done(begun.status());
    return;
  }
  absl::StatusOr<CarrierReceipt> sent =
      parts_.carrier->Send({MessageId(call.county, *begun), *phone, begun->text()});
  if (!sent.ok()) {
    sent = absl::Status(sent.status().code(), FailureOf(sent.status(), *phone));
  }
  orders_
      .TransactAs<v1::Notice>(call,
                              [this, name, sent = std::move(sent)](Orders::Work& work) {
                                return EndSending(work, name, sent);
                              })
      .Then([done](const absl::StatusOr<v1::Notice>& ended) { done(ended.status()); });
}

}  // namespace baimi::ticket::api
