#include <optional>

#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/resource/name.h"
#include "services/ticket/api/attaching.h"
#include "services/ticket/api/knowledge_api.h"
#include "services/ticket/api/leader_shift_api.h"
#include "services/ticket/api/rulings.h"
#include "services/ticket/api/ticket_api.h"
#include "services/ticket/domain/duplicates.h"
#include "services/ticket/domain/ladder.h"
#include "services/ticket/domain/recusal.h"
#include "services/ticket/domain/verbs.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::api {

Async<v1::Ticket> TicketApi::Create(const Call& call, const v1::CreateTicketRequest& request) {
  return CreateFrom(call, request, std::make_shared<Draft>());
}

Async<v1::Ticket> TicketApi::CreateFrom(const Call& call, const v1::CreateTicketRequest& request,
                                        const std::shared_ptr<Draft>& draft) {
  // An error waits for the closure: a request that was answered before gets that answer.
  absl::StatusOr<v1::Place> located = parts_.registry->Locate(call, request.ticket().place());
  BAIMI_ASSIGN_OR_RETURN(const privacy::KeyId key, parts_.keys->NewKey());
  return parts_.writer->Execute<v1::Ticket>(
      call,
      [this, request, located = std::move(located), draft,
       key](journal::Tx& tx) -> absl::StatusOr<v1::Ticket> {
        BAIMI_RETURN_IF_ERROR(located.status());
        BAIMI_ASSIGN_OR_RETURN(const auto policy, parts_.policies->At(tx));
        BAIMI_ASSIGN_OR_RETURN(const std::string number,
                               parts_.store->NextNumber(tx.sql(), tx.county(), tx.now()));
        const std::string name = store::TicketName(tx.county(), number);
        const domain::Context context{tx.now(), tx.call().actor, *policy};
        BAIMI_ASSIGN_OR_RETURN(
            domain::Decision decision,
            domain::File(request, name, *located, context, {.written = draft->written}));
        BAIMI_RETURN_IF_ERROR(AttachFiled(parts_, tx, request, context, key, &decision));
        BAIMI_RETURN_IF_ERROR(TakeInShift(tx, decision.ticket));
        draft->given_name = name;
        for (const v1::TicketFact& fact : decision.facts) {
          BAIMI_RETURN_IF_ERROR(tx.Record(name, fact, key).status());
        }
        store::TicketRow row;
        row.ticket = std::move(decision.ticket);
        row.key = key;
        row.seq = tx.next_seq() - 1;
        BAIMI_RETURN_IF_ERROR(parts_.store->Insert(tx.sql(), row));
        tx.SealAnswerUnder(key);
        return std::move(row.ticket);
      });
}

absl::StatusOr<TicketApi::DispatchView> TicketApi::LookAt(
    const Call& call, const v1::DispatchTicketRequest& request) {
  DispatchView view;
  std::optional<v1::Precedent> precedent;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(store::TicketRow row,
                               LoadVisible(parts_, reader, call, request.name()));
        view.ticket = std::move(row.ticket);
        BAIMI_ASSIGN_OR_RETURN(view.policy, parts_.policies->At(reader, call.county, call.now));
        BAIMI_ASSIGN_OR_RETURN(precedent, BestPrecedent(parts_, reader, view.ticket, call.now));
        return absl::OkStatus();
      }));
  BAIMI_ASSIGN_OR_RETURN(
      const auto resolved,
      parts_.registry->ResolveUnits(call,
                                    domain::UnitsNeeded(view.policy->policy(), view.ticket, request,
                                                        precedent ? &*precedent : nullptr),
                                    view.ticket.place().area()));
  view.units = domain::UnitsAtHand::From(resolved);
  view.units.precedent = std::move(precedent);
  return view;
}

Async<v1::Ticket> TicketApi::Dispatch(const Call& call, const v1::DispatchTicketRequest& request) {
  // An error waits for the closure: a request that was answered before gets that answer, also from
  // one who sees the order no more since it went to another unit.
  return orders_.Transact(
      call,
      [this, request,
       view = LookAt(call, request)](Orders::Work& work) -> absl::StatusOr<v1::Ticket> {
        BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row, orders_.Load(work, request.name()));
        BAIMI_RETURN_IF_ERROR(view.status());
        BAIMI_ASSIGN_OR_RETURN(const std::optional<v1::Precedent> precedent,
                               BestPrecedent(parts_, work.tx.sql(), row.ticket, work.tx.now()));
        BAIMI_RETURN_IF_ERROR(CheckSamePrecedent(view->units.precedent, precedent));
        BAIMI_ASSIGN_OR_RETURN(domain::Decision decision,
                               domain::Dispatch(row.ticket, request, view->units, work.context));
        return orders_.Commit(work, row, std::move(decision));
      });
}

Async<v1::PreviewDispatchResponse> TicketApi::PreviewDispatch(
    const Call& call, const v1::PreviewDispatchRequest& request) {
  v1::DispatchTicketRequest dispatch;
  dispatch.set_name(request.name());
  dispatch.set_lead(request.lead());
  *dispatch.mutable_helpers() = request.helpers();
  dispatch.set_note(request.note());
  BAIMI_ASSIGN_OR_RETURN(const DispatchView view, LookAt(call, dispatch));
  BAIMI_ASSIGN_OR_RETURN(
      const domain::Decision decision,
      domain::Dispatch(view.ticket, dispatch, view.units, {call.now, call.actor, *view.policy}));
  v1::PreviewDispatchResponse response;
  *response.mutable_assignment() = decision.ticket.assignment();
  *response.mutable_clocks() = decision.facts.back().started_clocks();
  *response.mutable_helper_tasks() = decision.facts.back().started_help();
  return response;
}

template <typename Request>
Async<v1::Ticket> TicketApi::Verb(const Call& call, const Request& request,
                                  absl::StatusOr<domain::Decision> (*decide)(
                                      const v1::Ticket&, const Request&, const domain::Context&)) {
  return orders_.Change(
      call, request.name(),
      [request, decide](const v1::Ticket& ticket, const domain::Context& context) {
        return decide(ticket, request, context);
      });
}

Async<v1::Ticket> TicketApi::Answer(const Call& call, const v1::AnswerTicketRequest& request) {
  return orders_.Transact(call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::Ticket> {
    BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row, orders_.Load(work, request.name()));
    BAIMI_ASSIGN_OR_RETURN(const AnswerMaking making, LookUpMaking(work, request));
    BAIMI_ASSIGN_OR_RETURN(domain::Decision decision,
                           domain::Answer(row.ticket, request,
                                          making.source ? &*making.source : nullptr, work.context));
    BAIMI_RETURN_IF_ERROR(SaveUse(work, making));
    return orders_.Commit(work, row, std::move(decision));
  });
}
Async<v1::Ticket> TicketApi::Reject(const Call& call, const v1::RejectTicketRequest& request) {
  return orders_.Transact(call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::Ticket> {
    BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row, orders_.Load(work, request.name()));
    BAIMI_ASSIGN_OR_RETURN(domain::Decision decision,
                           domain::Reject(row.ticket, request, work.context));
    if (request.refusal().code() == v1::REPEAT_WITHOUT_NEW_FACTS) {
      const absl::StatusOr<store::TicketRow> earlier =
          orders_.Load(work, request.refusal().earlier_ticket());
      if (!earlier.ok() && !absl::IsNotFound(earlier.status())) {
        return earlier.status();
      }
      BAIMI_RETURN_IF_ERROR(domain::CheckRepeat(row.ticket, request.refusal(),
                                                earlier.ok() ? &earlier->ticket : nullptr));
    }
    return orders_.Commit(work, row, std::move(decision));
  });
}
Async<v1::Ticket> TicketApi::Sign(const Call& call, const v1::SignTicketRequest& request) {
  return Verb(call, request, &domain::Sign);
}
Async<v1::Ticket> TicketApi::RequestReturn(const Call& call,
                                           const v1::RequestReturnRequest& request) {
  return Verb(call, request, &domain::RequestReturn);
}
Async<v1::Ticket> TicketApi::DecideReturn(const Call& call,
                                          const v1::DecideReturnRequest& request) {
  return orders_.Transact(call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::Ticket> {
    BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row, orders_.Load(work, request.name()));
    BAIMI_ASSIGN_OR_RETURN(domain::Decision decision,
                           domain::DecideReturn(row.ticket, request, work.context));
    BAIMI_RETURN_IF_ERROR(RecordReturn(parts_, work, row, request));
    return orders_.Commit(work, row, std::move(decision));
  });
}
Async<v1::Ticket> TicketApi::Reply(const Call& call, const v1::ReplyTicketRequest& request) {
  return orders_.Transact(call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::Ticket> {
    BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row, orders_.Load(work, request.name()));
    BAIMI_ASSIGN_OR_RETURN(domain::Decision decision,
                           domain::Reply(row.ticket, request, work.context));
    BAIMI_RETURN_IF_ERROR(CheckEvidence(parts_, work.tx.sql(), request.name(), request.reply()));
    return orders_.Commit(work, row, std::move(decision));
  });
}
Async<v1::Ticket> TicketApi::Audit(const Call& call, const v1::AuditTicketRequest& request) {
  return Verb(call, request, &domain::Audit);
}
Async<v1::Ticket> TicketApi::Archive(const Call& call, const v1::ArchiveTicketRequest& request) {
  return Verb(call, request, &domain::Archive);
}
Async<v1::Ticket> TicketApi::RequestExtension(const Call& call,
                                              const v1::RequestExtensionRequest& request) {
  return Verb(call, request, &domain::RequestExtension);
}
Async<v1::Ticket> TicketApi::DecideExtension(const Call& call,
                                             const v1::DecideExtensionRequest& request) {
  return Verb(call, request, &domain::DecideExtension);
}
Async<v1::Ticket> TicketApi::Suspend(const Call& call, const v1::SuspendTicketRequest& request) {
  return Verb(call, request, &domain::Suspend);
}
Async<v1::Ticket> TicketApi::Resume(const Call& call, const v1::ResumeTicketRequest& request) {
  return Verb(call, request, &domain::Resume);
}
Async<v1::Ticket> TicketApi::Terminate(const Call& call,
                                       const v1::TerminateTicketRequest& request) {
  return Verb(call, request, &domain::Terminate);
}
Async<v1::Ticket> TicketApi::Withdraw(const Call& call, const v1::WithdrawTicketRequest& request) {
  return Verb(call, request, &domain::Withdraw);
}
Async<v1::Ticket> TicketApi::SelfSolve(const Call& call,
                                       const v1::SelfSolveTicketRequest& request) {
  return Verb(call, request, &domain::SelfSolve);
}
Async<v1::Ticket> TicketApi::Transfer(const Call& call, const v1::TransferTicketRequest& request) {
  return Verb(call, request, &domain::Transfer);
}

Async<v1::RevealContactResponse> TicketApi::Reveal(const Call& call,
                                                   const v1::RevealContactRequest& request) {
  return parts_.writer->Execute<v1::RevealContactResponse>(
      call, [this, request](journal::Tx& tx) -> absl::StatusOr<v1::RevealContactResponse> {
        BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row,
                               LoadVisible(parts_, tx.sql(), tx.call(), request.name()));
        BAIMI_ASSIGN_OR_RETURN(const auto policy,
                               parts_.policies->At(tx.sql(), tx.call().county, tx.call().now));
        BAIMI_RETURN_IF_ERROR(
            domain::CheckMayReveal(row.ticket, {tx.call().now, tx.call().actor, *policy}));
        v1::ContactRevealed event;
        event.set_ticket(request.name());
        event.set_purpose(request.purpose());
        BAIMI_RETURN_IF_ERROR(tx.RecordAccess(request.name(), event, privacy::kNoKey).status());
        v1::RevealContactResponse response;
        *response.mutable_caller() = row.ticket.caller();
        *response.mutable_place() = row.ticket.place();
        return response;
      });
}

void TicketApi::Ring(const Call& call, const std::string& number, journal::AlarmClock::Done done) {
  orders_
      .Change(call, store::TicketName(call.county, number),
              [](const v1::Ticket& ticket, const domain::Context& context) {
                return absl::StatusOr<domain::Decision>(domain::RingDue(ticket, context));
              })
      .Then([done = std::move(done)](const absl::StatusOr<v1::Ticket>& ticket) {
        done(ticket.status());
      });
}

absl::StatusOr<int> TicketApi::RecomputeProvisional(const Call& call) {
  constexpr int kChunk = 50;
  int changed = 0;
  std::string after;
  for (;;) {
    std::vector<std::string> numbers;
    std::vector<std::string> moved;
    BAIMI_RETURN_IF_ERROR(parts_.database->Read({}, [&](sql::Reader& reader) -> absl::Status {
      BAIMI_ASSIGN_OR_RETURN(numbers,
                             parts_.store->Provisional(reader, call.county, after, kChunk));
      if (numbers.empty()) {
        return absl::OkStatus();
      }
      BAIMI_ASSIGN_OR_RETURN(const auto policy, parts_.policies->At(reader, call.county, call.now));
      for (const std::string& number : numbers) {
        const std::string name = store::TicketName(call.county, number);
        BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row,
                               parts_.store->Load(reader, name, call.scope));
        const domain::Context context{call.now, call.actor, *policy};
        if (!domain::RecomputeDeadlines(row.ticket, context).facts.empty()) {
          moved.push_back(name);
        }
      }
      return absl::OkStatus();
    }));
    for (const std::string& name : moved) {
      Async<v1::Ticket> change = orders_.Change(
          call, name, [&changed](const v1::Ticket& ticket, const domain::Context& context) {
            domain::Decision decision = domain::RecomputeDeadlines(ticket, context);
            changed += decision.facts.empty() ? 0 : 1;
            return absl::StatusOr<domain::Decision>(std::move(decision));
          });
      BAIMI_RETURN_IF_ERROR(std::move(change).Wait().status());
    }
    if (numbers.size() < static_cast<size_t>(kChunk)) {
      return changed;
    }
    after = numbers.back();
  }
}

}  // namespace baimi::ticket::api
