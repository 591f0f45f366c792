#include "services/ticket/api/police_link_api.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/api/superior_api.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/recusal.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/verbs.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::api {
namespace {

const RowScope& WholeCounty() {
  static const auto& scope = *new RowScope{.whole_county = true, .area_prefixes = {}, .units = {}};
  return scope;
}

}  // namespace

absl::StatusOr<bool> PoliceLinkApi::Visible(sql::Reader& reader, const Call& call,
                                            const v1::TicketPolicy& policy,
                                            const v1::PoliceLink& link) const {
  if (!domain::MaySeeLinks(policy, call.actor)) {
    return false;
  }
  if (link.ticket().empty() || call.actor.unit().empty()) {
    return true;
  }
  BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row,
                         parts_.store->Load(reader, link.ticket(), WholeCounty()));
  return !domain::IsRecused(row.ticket, call.actor.unit());
}

absl::StatusOr<store::PoliceLinkRow> PoliceLinkApi::LoadVisible(sql::Reader& reader,
                                                                const Call& call,
                                                                const v1::TicketPolicy& policy,
                                                                absl::string_view name) const {
  BAIMI_ASSIGN_OR_RETURN(store::PoliceLinkRow row, store_->Load(reader, name));
  BAIMI_ASSIGN_OR_RETURN(const bool visible, Visible(reader, call, policy, row.link));
  if (!visible) {
    return NotFound(name);
  }
  return row;
}

std::string PoliceLinkApi::NextName(const Orders::Work& work) {
  return absl::StrCat("counties/", work.tx.county(), "/policeLinks/",
                      absl::FormatTime("%Y%m%d", work.tx.now(), ShanghaiZone()),
                      absl::StrFormat("-%09d", work.tx.next_seq()));
}

absl::StatusOr<v1::PoliceLink> PoliceLinkApi::Insert(Orders::Work& work, domain::LinkStep step,
                                                     privacy::KeyId key) const {
  store::PoliceLinkRow row{.key = key, .seq = work.tx.next_seq()};
  BAIMI_RETURN_IF_ERROR(work.tx.Record(step.link.name(), step.fact, key).status());
  row.link = std::move(step.link);
  BAIMI_RETURN_IF_ERROR(store_->Save(work.tx.sql(), row));
  return std::move(row.link);
}

absl::StatusOr<v1::PoliceLink> PoliceLinkApi::Update(Orders::Work& work, store::PoliceLinkRow row,
                                                     domain::LinkStep step) const {
  BAIMI_RETURN_IF_ERROR(work.tx.Record(step.link.name(), step.fact, row.key).status());
  row.link = std::move(step.link);
  BAIMI_RETURN_IF_ERROR(store_->Save(work.tx.sql(), row));
  work.tx.SealAnswerUnder(row.key);
  return std::move(row.link);
}

Async<v1::PoliceLink> PoliceLinkApi::Transfer(const Call& call,
                                              const v1::TransferToPoliceRequest& request) {
  return orders_.TransactAs<v1::PoliceLink>(
      call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::PoliceLink> {
        BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row, orders_.Load(work, request.name()));
        BAIMI_ASSIGN_OR_RETURN(
            domain::Handover handover,
            domain::HandToPolice(row.ticket, request, NextName(work), work.context));
        BAIMI_ASSIGN_OR_RETURN(v1::PoliceLink link,
                               Insert(work, std::move(handover.step), row.key));
        BAIMI_RETURN_IF_ERROR(orders_.Commit(work, row, std::move(handover.decision)).status());
        return link;
      });
}

absl::StatusOr<v1::PoliceLink> PoliceLinkApi::TakeNew(Orders::Work& work,
                                                      const v1::ReceiveFromPoliceRequest& request,
                                                      const v1::Place& located,
                                                      privacy::KeyId key) const {
  const std::string name = NextName(work);
  std::string ticket;
  domain::Decision filed;
  if (request.has_ticket()) {
    BAIMI_ASSIGN_OR_RETURN(
        const std::string number,
        parts_.store->NextNumber(work.tx.sql(), work.tx.county(), work.tx.now()));
    ticket = store::TicketName(work.tx.county(), number);
    v1::CreateTicketRequest create;
    create.set_parent(request.parent());
    *create.mutable_ticket() = request.ticket();
    BAIMI_ASSIGN_OR_RETURN(filed, domain::File(create, ticket, located, work.context));
  }
  BAIMI_ASSIGN_OR_RETURN(domain::LinkStep step,
                         domain::TakeFromPolice(request, name, ticket, work.context));
  BAIMI_ASSIGN_OR_RETURN(v1::PoliceLink link, Insert(work, std::move(step), key));
  BAIMI_ASSIGN_OR_RETURN(const bool first,
                         store_->ClaimCase(work.tx.sql(), work.tx.county(),
                                           {request.case_number(), request.kind(), name,
                                            DigestsOf(*parts_.vault, request.case_number(),
                                                      domain::ContentOf(request))}));
  if (!first) {
    return Internal("police link: a case that nobody had was claimed twice in one county");
  }
  if (!ticket.empty()) {
    domain::Append(filed, domain::LinkedFact(filed.ticket, link, work.context));
    for (const v1::TicketFact& fact : filed.facts) {
      BAIMI_RETURN_IF_ERROR(work.tx.Record(ticket, fact, key).status());
    }
    store::TicketRow row{std::move(filed.ticket), key, work.tx.next_seq() - 1};
    BAIMI_RETURN_IF_ERROR(parts_.store->Insert(work.tx.sql(), row));
  }
  work.tx.SealAnswerUnder(key);
  return link;
}

Async<v1::PoliceLink> PoliceLinkApi::Receive(const Call& call,
                                             const v1::ReceiveFromPoliceRequest& request) {
  // An error waits for the closure: a case that came before is answered all the same.
  absl::StatusOr<v1::Place> located = v1::Place();
  if (request.has_ticket()) {
    located = parts_.registry->Locate(call, request.ticket().place());
  }
  BAIMI_ASSIGN_OR_RETURN(const privacy::KeyId key, parts_.keys->NewKey());
  return orders_.TransactAs<v1::PoliceLink>(
      call,
      [this, request, located = std::move(located),
       key](Orders::Work& work) -> absl::StatusOr<v1::PoliceLink> {
        BAIMI_ASSIGN_OR_RETURN(const std::optional<store::PoliceCase> before,
                               store_->FindCase(work.tx.sql(), work.tx.county(),
                                                request.case_number(), request.kind()));
        if (!before) {
          BAIMI_RETURN_IF_ERROR(located.status());
          return TakeNew(work, request, *located, key);
        }
        BAIMI_ASSIGN_OR_RETURN(
            store::PoliceLinkRow row,
            LoadVisible(work.tx.sql(), work.tx.call(), work.context.policy.policy(), before->link));
        const std::vector<std::string> fields = FieldsThatDiffer(
            *parts_.vault, request.case_number(), domain::ContentOf(request), before->digests);
        if (!fields.empty()) {
          return domain::ContentDiffers("case_number", request.case_number(), fields);
        }
        work.tx.SealAnswerUnder(row.key);
        return std::move(row.link);
      });
}

Async<v1::PoliceLink> PoliceLinkApi::Create(const Call& call,
                                            const v1::CreatePoliceLinkRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const privacy::KeyId own_key, parts_.keys->NewKey());
  return orders_.TransactAs<v1::PoliceLink>(
      call, [this, request, own_key](Orders::Work& work) -> absl::StatusOr<v1::PoliceLink> {
        const std::string name = NextName(work);
        const std::string& ticket = request.police_link().ticket();
        std::optional<store::TicketRow> order;
        if (!ticket.empty()) {
          if (domain::CountyOf(ticket) != work.tx.county()) {
            return NotFound(ticket);
          }
          BAIMI_ASSIGN_OR_RETURN(order, orders_.Load(work, ticket));
        }
        BAIMI_ASSIGN_OR_RETURN(domain::LinkStep step,
                               domain::AskPolice(request.police_link(), name,
                                                 order ? &order->ticket : nullptr, work.context));
        const privacy::KeyId key = order ? order->key : own_key;
        BAIMI_ASSIGN_OR_RETURN(v1::PoliceLink link, Insert(work, std::move(step), key));
        if (order) {
          BAIMI_RETURN_IF_ERROR(
              orders_
                  .Commit(work, *order,
                          domain::Decide(order->ticket,
                                         domain::LinkedFact(order->ticket, link, work.context)))
                  .status());
        }
        work.tx.SealAnswerUnder(key);
        return link;
      });
}

Async<v1::PoliceLink> PoliceLinkApi::Acknowledge(const Call& call,
                                                 const v1::AcknowledgePoliceLinkRequest& request) {
  return orders_.TransactAs<v1::PoliceLink>(
      call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::PoliceLink> {
        BAIMI_ASSIGN_OR_RETURN(store::PoliceLinkRow row,
                               LoadVisible(work.tx.sql(), work.tx.call(),
                                           work.context.policy.policy(), request.name()));
        BAIMI_ASSIGN_OR_RETURN(std::optional<domain::LinkStep> step,
                               domain::AcknowledgeLink(row.link, request, work.context));
        if (!step) {
          work.tx.SealAnswerUnder(row.key);
          return std::move(row.link);
        }
        return Update(work, std::move(row), *std::move(step));
      });
}

Async<v1::PoliceLink> PoliceLinkApi::Answer(const Call& call,
                                            const v1::AnswerPoliceLinkRequest& request) {
  return orders_.TransactAs<v1::PoliceLink>(
      call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::PoliceLink> {
        BAIMI_ASSIGN_OR_RETURN(store::PoliceLinkRow row,
                               LoadVisible(work.tx.sql(), work.tx.call(),
                                           work.context.policy.policy(), request.name()));
        BAIMI_ASSIGN_OR_RETURN(domain::LinkStep step,
                               domain::AnswerLink(row.link, request, work.context));
        return Update(work, std::move(row), std::move(step));
      });
}

Async<v1::PoliceLink> PoliceLinkApi::Get(const Call& call,
                                         const v1::GetPoliceLinkRequest& request) {
  store::PoliceLinkRow row;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(const auto policy,
                               parts_.policies->At(reader, call.county, call.now));
        BAIMI_ASSIGN_OR_RETURN(row, LoadVisible(reader, call, policy->policy(), request.name()));
        return absl::OkStatus();
      }));
  return std::move(row.link);
}

Async<v1::ListPoliceLinksResponse> PoliceLinkApi::List(const Call& call,
                                                       const v1::ListPoliceLinksRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  const resource::PageQuery query = resource::PageQueryOf(call.method, request);
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         parts_.tokens->Read(query, request.page_token()));
  int64_t below = 0;
  if (!cursor.last_key.empty() && !absl::SimpleAtoi(cursor.last_key[0], &below)) {
    return Internal("page token: a sequence that is no number");
  }
  v1::ListPoliceLinksResponse response;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        response.Clear();
        BAIMI_ASSIGN_OR_RETURN(const auto policy,
                               parts_.policies->At(reader, call.county, call.now));
        BAIMI_ASSIGN_OR_RETURN(std::vector<store::PoliceLinkRow> rows,
                               store_->List(reader, call.county, request.unacknowledged(),
                                            request.ticket(), below, size + 1));
        const bool more = rows.size() > static_cast<size_t>(size);
        rows.resize(std::min(rows.size(), static_cast<size_t>(size)));
        for (store::PoliceLinkRow& row : rows) {
          BAIMI_ASSIGN_OR_RETURN(const bool visible,
                                 Visible(reader, call, policy->policy(), row.link));
          if (visible) {
            *response.add_police_links() = std::move(row.link);
          }
        }
        if (more) {
          response.set_next_page_token(
              parts_.tokens->Make(query, {{absl::StrCat(rows.back().seq)}}));
        }
        return absl::OkStatus();
      }));
  return response;
}

absl::Status PoliceLinkApi::TellCentre(Orders::Work& work, const v1::PoliceLink& link,
                                       int64_t seq) const {
  v1::Notice notice;
  notice.set_name(store::NoticeName(work.tx.county(), {seq, 1}));
  notice.set_event(v1::NOTICE_RAN_OUT);
  notice.set_reader(v1::TO_CENTRE);
  notice.set_unit(work.context.policy.policy().fallback_unit());
  notice.set_ticket(link.ticket());
  notice.set_policy_version(work.context.policy.policy().version());
  notice.set_text(
      absl::StrCat("110应急联动 ", domain::IdOf(link.name()), " 未在时限内签收，请立即电话核实。"));
  notice.set_status(v1::NOTICE_DELIVERED);
  *notice.mutable_create_time() = domain::ToProto(work.context.now);
  *notice.mutable_deliver_time() = domain::ToProto(work.context.now);
  return parts_.notices->Insert(work.tx.sql(), work.tx.county(), notice);
}

void PoliceLinkApi::Ring(const Call& call, const std::string& id,
                         const journal::AlarmClock::Done& done) {
  const std::string name = absl::StrCat("counties/", call.county, "/policeLinks/", id);
  orders_
      .TransactAs<v1::PoliceLink>(
          call,
          [this, name](Orders::Work& work) -> absl::StatusOr<v1::PoliceLink> {
            BAIMI_ASSIGN_OR_RETURN(store::PoliceLinkRow row, store_->Load(work.tx.sql(), name));
            std::optional<domain::LinkStep> step = domain::NoteLinkRanOut(row.link, work.context);
            if (!step) {
              return std::move(row.link);
            }
            if (row.link.emergency()) {
              BAIMI_RETURN_IF_ERROR(TellCentre(work, row.link, work.tx.next_seq()));
            }
            return Update(work, std::move(row), *std::move(step));
          })
      .Then([done](const absl::StatusOr<v1::PoliceLink>& link) { done(link.status()); });
}

}  // namespace baimi::ticket::api
