#include "services/ticket/api/superior_maker.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/journal/log.h"
#include "common/privacy/mask.h"
#include "services/ticket/api/ticket_api.h"
#include "services/ticket/domain/apply.h"
#include "services/ticket/domain/superior.h"
#include "services/ticket/domain/superior_results.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::api {
namespace {

// Of one order: some hundred times more than an order ever has.
constexpr int kMostFacts = 10'000;
constexpr char kHidden[] = "***";

const RowScope& WholeCounty() {
  static const auto& scope = *new RowScope{.whole_county = true, .area_prefixes = {}, .units = {}};
  return scope;
}

// The order as `record` left it, and its fact.
struct Moment {
  v1::Ticket order;
  v1::TicketFact fact;
};

absl::StatusOr<Moment> At(const Parts& parts, sql::Reader& reader, const std::string& county,
                          const type::v1::JournalRecord& record) {
  Moment moment;
  BAIMI_RETURN_IF_ERROR(journal::ReadResource(
      reader, county, record.resource(), 0, kMostFacts,
      [&](const type::v1::JournalRecord& earlier) -> absl::Status {
        if (earlier.seq() > record.seq() ||
            earlier.type() != v1::TicketFact::descriptor()->full_name()) {
          return absl::OkStatus();
        }
        BAIMI_ASSIGN_OR_RETURN(v1::TicketEvent event, ToTicketEvent(*parts.vault, earlier));
        moment.fact = std::move(*event.mutable_fact());
        moment.order = domain::Apply(std::move(moment.order), moment.fact);
        return absl::OkStatus();
      }));
  return moment;
}

}  // namespace

std::string WithoutContact(std::string text, const v1::Caller& caller) {
  text = privacy::RedactText(text);
  const std::string& phone = caller.phone();
  const std::string starred = privacy::MaskText(options::v1::PHONE, phone, PiiView::kStaff);
  for (const std::string& known : {phone, starred, caller.name()}) {
    if (!known.empty()) {
      absl::StrReplaceAll({{known, kHidden}}, &text);
    }
  }
  return text;
}

absl::Status SuperiorMaker::Make(sql::Tx& tx, const std::string& county,
                                 absl::Span<const type::v1::JournalRecord> records) const {
  for (const type::v1::JournalRecord& record : records) {
    if (record.type() == v1::TicketFact::descriptor()->full_name()) {
      BAIMI_RETURN_IF_ERROR(Follow(tx, county, record));
    }
  }
  return absl::OkStatus();
}

absl::Status SuperiorMaker::Follow(sql::Tx& tx, const std::string& county,
                                   const type::v1::JournalRecord& record) const {
  v1::TicketFact open;
  if (!open.ParseFromString(record.payload())) {
    return Internal(absl::StrCat("superior: record ", record.seq(), " does not parse"));
  }
  const v1::SuperiorResultKind own = domain::ResultKindOf(open);
  const v1::SuperiorResultKind group = domain::ResultKindOfGroup(open);
  if (own != v1::SUPERIOR_RESULT_KIND_UNSPECIFIED ||
      group != v1::SUPERIOR_RESULT_KIND_UNSPECIFIED) {
    BAIMI_RETURN_IF_ERROR(Tell(tx, county, record, own, group));
  }
  const absl::string_view ticket = store::LastSegment(record.resource());
  if (open.has_merged()) {
    return store_->FollowMerge(tx, county, ticket, store::LastSegment(open.merged().into()));
  }
  return open.has_split() ? store_->FollowMerge(tx, county, ticket, "") : absl::OkStatus();
}

absl::Status SuperiorMaker::Tell(sql::Tx& tx, const std::string& county,
                                 const type::v1::JournalRecord& record, v1::SuperiorResultKind own,
                                 v1::SuperiorResultKind group) const {
  const absl::string_view happened = store::LastSegment(record.resource());
  BAIMI_ASSIGN_OR_RETURN(const std::vector<store::SuperiorOrder> told,
                         store_->ToldOf(tx, county, happened));
  if (told.empty()) {
    return absl::OkStatus();
  }
  BAIMI_ASSIGN_OR_RETURN(const Moment moment, At(parts_, tx, county, record));
  BAIMI_ASSIGN_OR_RETURN(const auto policy,
                         parts_.policies->At(tx, county, absl::FromUnixMicros(record.time_us())));
  for (const store::SuperiorOrder& order : told) {
    const bool itself = order.ticket == happened;
    const v1::SuperiorResultKind kind = itself ? own : group;
    const v1::SuperiorPlatform* platform = domain::FindPlatform(policy->policy(), order.platform);
    if (kind == v1::SUPERIOR_RESULT_KIND_UNSPECIFIED ||
        (platform != nullptr && !domain::Wants(*platform, kind))) {
      continue;
    }
    BAIMI_ASSIGN_OR_RETURN(
        const store::TicketRow row,
        parts_.store->Load(tx, store::TicketName(county, order.ticket), WholeCounty()));
    store::ResultRow result{domain::MakeResult(kind, moment.fact, moment.order), row.key};
    result.result.set_platform(order.platform);
    result.result.set_superior_number(order.number);
    result.result.set_ticket(row.ticket.name());
    std::string text = result.result.text();
    if (!itself) {
      text = WithoutContact(std::move(text), moment.order.caller());
    }
    if (row.ticket.caller().confidential() || row.ticket.type() == v1::REPORT) {
      text = WithoutContact(std::move(text), row.ticket.caller());
    }
    result.result.set_text(std::move(text));
    const bool push = platform != nullptr && platform->push();
    BAIMI_RETURN_IF_ERROR(
        store_->Add(tx, county, push ? store::Pending::kPush : store::Pending::kFetch, &result));
  }
  return absl::OkStatus();
}

}  // namespace baimi::ticket::api
