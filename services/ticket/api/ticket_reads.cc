#include <algorithm>
#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/api/ticket_api.h"
#include "services/ticket/domain/account.h"
#include "services/ticket/domain/attachments.h"
#include "services/ticket/domain/recusal.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::api {
namespace {

// A watcher that missed nothing for so many records gets its cursor at least that often.
constexpr int64_t kHeartbeatRecords = 100;
// Of one order, for its account: some hundred times more than an order ever has.
constexpr int kMostFacts = 10'000;

absl::Status CursorError(absl::string_view cursor, absl::string_view want,
                         absl::string_view want_zh) {
  return InvalidField("cursor", cursor, want, want_zh);
}

// Perhaps the attachment is one that only the centre sees, by now or then.
absl::Status HideFrom(const Parts& parts, sql::Reader& reader, const Call& call,
                      v1::TicketEvent* event) {
  const v1::TicketFact& fact = event->fact();
  if (call.actor.unit().empty() ||
      (!fact.has_attachment_added() && !fact.has_attachment_changed())) {
    return absl::OkStatus();
  }
  const absl::Time now = parts.clock->Now();
  BAIMI_ASSIGN_OR_RETURN(const auto policy, parts.policies->At(reader, call.county, now));
  if (!domain::IsCentre({now, call.actor, *policy})) {
    domain::HideAttachment(event->mutable_fact());
  }
  return absl::OkStatus();
}

// Turns journal records into messages of one watch.
class WatchSink final : public journal::Sink {
 public:
  WatchSink(const Parts& parts, Call call,
            std::shared_ptr<rpc::Stream<v1::WatchTicketsResponse>> stream)
      : parts_(parts), call_(std::move(call)), stream_(std::move(stream)) {}

  int Room() override { return stream_->Room(); }
  bool Gone() override { return stream_->Gone(); }
  void End(const absl::Status& status) override { stream_->Finish(status); }

  absl::Status Take(sql::Reader& reader, const type::v1::JournalRecord& record) override {
    if (record.type() != v1::TicketFact::descriptor()->full_name()) {
      return absl::OkStatus();
    }
    BAIMI_ASSIGN_OR_RETURN(const bool visible, Visible(reader, record));
    if (!visible) {
      return absl::OkStatus();
    }
    absl::StatusOr<v1::TicketEvent> event = ToTicketEvent(*parts_.vault, record);
    if (event.ok()) {
      BAIMI_RETURN_IF_ERROR(HideFrom(parts_, reader, call_, &*event));
    }
    if (!event.ok()) {
      stream_->Finish(event.status());
      return absl::OkStatus();
    }
    v1::WatchTicketsResponse message;
    *message.mutable_event() = *std::move(event);
    Send(std::move(message), record.seq());
    return absl::OkStatus();
  }

  void UpToDate(int64_t seq) override {
    const bool quiet = parts_.clock->Now() - sent_time_ >= parts_.watch_heartbeat;
    if (!greeted_ || seq - sent_ >= kHeartbeatRecords || quiet) {
      greeted_ = true;
      // A caller that does not read has what it needs to know in its queue.
      if (stream_->Room() > 0) {
        Send(v1::WatchTicketsResponse(), seq);
      }
    }
  }

 private:
  void Send(v1::WatchTicketsResponse message, int64_t seq) {
    message.set_cursor(absl::StrCat(seq));
    sent_ = seq;
    sent_time_ = parts_.clock->Now();
    stream_->Write(std::move(message));
  }

  // Scope is judged on the order as it stands: an order that left the scope is not seen any more.
  absl::StatusOr<bool> Visible(sql::Reader& reader, const type::v1::JournalRecord& record) const {
    if (call_.scope.whole_county && call_.actor.unit().empty()) {
      return true;
    }
    const absl::Status loaded = LoadVisible(parts_, reader, call_, record.resource()).status();
    // A database that fails now says nothing about the order.
    if (absl::IsUnavailable(loaded) || absl::IsAborted(loaded) ||
        absl::IsDeadlineExceeded(loaded)) {
      return loaded;
    }
    return loaded.ok();
  }

  const Parts& parts_;
  const Call call_;
  const std::shared_ptr<rpc::Stream<v1::WatchTicketsResponse>> stream_;
  bool greeted_ = false;
  // Of the last message.
  int64_t sent_ = 0;
  absl::Time sent_time_ = absl::InfinitePast();
};

}  // namespace

absl::StatusOr<v1::TicketEvent> ToTicketEvent(const privacy::Vault& vault,
                                              const type::v1::JournalRecord& record) {
  v1::TicketEvent event;
  event.set_ticket(record.resource());
  event.set_seq(record.seq());
  event.mutable_time()->set_seconds(record.time_us() / 1'000'000);
  event.mutable_time()->set_nanos(static_cast<int32_t>(record.time_us() % 1'000'000) * 1000);
  *event.mutable_actor() = record.actor();
  event.set_trace_id(record.trace_id());
  const absl::Status opened = journal::OpenEvent(vault, record, event.mutable_fact());
  if (!opened.ok() && ReasonOf(opened) != "DATA_SHREDDED") {
    return opened;
  }
  return event;
}

std::shared_ptr<const rpc::MaskedBytes> TicketApi::GetCached(const Call& call,
                                                             const v1::GetTicketRequest& request) {
  const cache::Value stored = parts_.cache->Get(request.name(), call.min_seq);
  if (stored == nullptr) {
    return nullptr;
  }
  const int64_t destructions = parts_.keys->destructions();
  const auto known = copies_.Find(request.name(), call.pii_view, stored, destructions, call.now);
  if (known != nullptr && !known->guarded &&
      store::ScopeCovers(call.scope, known->place, known->lead)) {
    return known->answer;
  }
  if (!parts_.keys->Holds(store::TicketStore::KeyOf(*stored))) {
    return nullptr;  // This thread may not wait for the key database.
  }
  absl::StatusOr<store::TicketRow> row = parts_.store->Unseal(request.name(), *stored, call.scope);
  if (!row.ok() || domain::IsRecused(row->ticket, call.actor.unit())) {
    return nullptr;  // The long way gives the proper error.
  }
  auto copy = std::make_shared<ServedCopy>();
  copy->source = stored;
  copy->place = std::string(store::PlaceCode(row->ticket));
  copy->lead = row->ticket.assignment().lead();
  copy->guarded = !row->ticket.subject_unit().empty() || !row->ticket.recused_units().empty();
  copy->destructions = destructions;
  copy->made = call.now;
  copy->answer = rpc::MaskedBytes::Make(&row->ticket, call.pii_view);
  copies_.Keep(request.name(), copy);
  return copy->answer;
}

Async<v1::Ticket> TicketApi::Get(const Call& call, const v1::GetTicketRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(
      const cache::Value stored,
      parts_.read_through->GetOrFill(
          request.name(), call.min_seq, call.deadline, [&]() -> absl::StatusOr<cache::Filled> {
            cache::Filled filled;
            BAIMI_RETURN_IF_ERROR(parts_.database->Read(
                {call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
                  // The county's sequence of this snapshot: the copy is as new as that.
                  BAIMI_ASSIGN_OR_RETURN(
                      filled.version, journal::HeadSeq(reader, call.county, journal::kMainStream));
                  int64_t row_seq = 0;
                  BAIMI_ASSIGN_OR_RETURN(std::string bytes, parts_.store->LoadSealed(
                                                                reader, request.name(), &row_seq));
                  filled.value = std::make_shared<const std::string>(std::move(bytes));
                  return absl::OkStatus();
                }));
            return filled;
          }));
  BAIMI_ASSIGN_OR_RETURN(store::TicketRow row,
                         parts_.store->Unseal(request.name(), *stored, call.scope));
  if (domain::IsRecused(row.ticket, call.actor.unit())) {
    return NotFound(request.name());
  }
  return std::move(row.ticket);
}

Async<v1::ListTicketsResponse> TicketApi::List(const Call& call,
                                               const v1::ListTicketsRequest& request) {
  return Page(call, resource::PageQueryOf(call.method, request), request, "");
}

Async<v1::ListTicketsResponse> TicketApi::Search(const Call& call,
                                                 const v1::SearchTicketsRequest& request) {
  v1::ListTicketsRequest filter;
  filter.set_page_size(request.page_size());
  filter.set_page_token(request.page_token());
  *filter.mutable_states() = request.states();
  return Page(call, resource::PageQueryOf(call.method, request), filter, request.caller_phone());
}

absl::StatusOr<v1::ListTicketsResponse> TicketApi::Page(const Call& call,
                                                        const resource::PageQuery& query,
                                                        const v1::ListTicketsRequest& request,
                                                        absl::string_view caller_phone) {
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         parts_.tokens->Read(query, request.page_token()));
  store::ListPart part{.limit = size};
  if (!cursor.last_key.empty()) {
    part.below = cursor.last_key[0];
  }
  store::TicketPage page;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(
            page, parts_.store->List(reader, call.county, request, call.scope, part, caller_phone));
        return absl::OkStatus();
      }));
  v1::ListTicketsResponse response;
  for (store::TicketRow& row : page.rows) {
    if (!domain::IsRecused(row.ticket, call.actor.unit())) {
      *response.add_tickets() = std::move(row.ticket);
    }
  }
  if (!page.next.empty()) {
    response.set_next_page_token(parts_.tokens->Make(query, {{std::move(page.next)}}));
  }
  return response;
}

Async<v1::ListTicketEventsResponse> TicketApi::ListEvents(
    const Call& call, const v1::ListTicketEventsRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  const resource::PageQuery query = resource::PageQueryOf(call.method, request);
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         parts_.tokens->Read(query, request.page_token()));
  int64_t after = 0;
  if (!cursor.last_key.empty() && !absl::SimpleAtoi(cursor.last_key[0], &after)) {
    return Internal("page token: a sequence that is no number");
  }
  v1::ListTicketEventsResponse response;
  bool more = false;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_RETURN_IF_ERROR(LoadVisible(parts_, reader, call, request.parent()).status());
        return journal::ReadResource(
            reader, call.county, request.parent(), after, size + 1,
            [&](const type::v1::JournalRecord& record) -> absl::Status {
              if (response.events_size() == size) {
                more = true;
                return absl::OkStatus();
              }
              BAIMI_ASSIGN_OR_RETURN(*response.add_events(), ToTicketEvent(*parts_.vault, record));
              return HideFrom(parts_, reader, call, &*response.mutable_events()->rbegin());
            });
      }));
  if (more) {
    response.set_next_page_token(
        parts_.tokens->Make(query, {{absl::StrCat(response.events(size - 1).seq())}}));
  }
  return response;
}

Async<v1::ExplainClockResponse> TicketApi::ExplainClock(const Call& call,
                                                        const v1::ExplainClockRequest& request) {
  v1::ExplainClockResponse response;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row,
                               LoadVisible(parts_, reader, call, request.name()));
        std::vector<v1::TicketFact> facts;
        BAIMI_RETURN_IF_ERROR(journal::ReadResource(
            reader, call.county, request.name(), 0, kMostFacts,
            [&](const type::v1::JournalRecord& record) -> absl::Status {
              BAIMI_ASSIGN_OR_RETURN(v1::TicketEvent event, ToTicketEvent(*parts_.vault, record));
              facts.push_back(std::move(*event.mutable_fact()));
              return absl::OkStatus();
            }));
        BAIMI_ASSIGN_OR_RETURN(response,
                               domain::Account(row.ticket, facts, call.now, [&](absl::Time at) {
                                 return parts_.policies->At(reader, call.county, at);
                               }));
        return absl::OkStatus();
      }));
  return response;
}

absl::Status TicketApi::Watch(
    const Call& call, const v1::WatchTicketsRequest& request,
    const std::shared_ptr<rpc::Stream<v1::WatchTicketsResponse>>& stream) {
  int64_t head = 0;
  // A watch has no deadline of its own; its lane has.
  constexpr absl::Duration kLook = absl::Seconds(5);
  const sql::Options look{std::min(call.machine_deadline, absl::Now() + kLook)};
  BAIMI_RETURN_IF_ERROR(parts_.database->Read(look, [&](sql::Reader& reader) -> absl::Status {
    BAIMI_ASSIGN_OR_RETURN(head, journal::HeadSeq(reader, call.county, journal::kMainStream));
    return absl::OkStatus();
  }));
  int64_t after = head;
  if (!request.cursor().empty()) {
    if (!absl::SimpleAtoi(request.cursor(), &after) || after < 0) {
      return CursorError(request.cursor(), "a cursor that a watch gave, or \"0\"",
                         "订阅返回的游标，或 \"0\"");
    }
    if (after > head) {
      return Error(absl::StatusCode::kOutOfRange, type::v1::ERROR_REASON_CURSOR_TOO_OLD,
                   absl::StrCat("cursor: got ", after, ", want at most ", head,
                                "; the journal is another one than when it was given"),
                   "游标超出日志范围，请重新读取列表后订阅")
          .With("head", absl::StrCat(head));
    }
  }
  auto sink = std::make_shared<WatchSink>(parts_, call, stream);
  stream->OnChange([feed = parts_.feed] { feed->Wake(); });
  parts_.feed->Subscribe(call.county, after, std::move(sink));
  return absl::OkStatus();
}

Async<v1::TicketCounts> TicketApi::Counts(const Call& call,
                                          const v1::GetTicketCountsRequest& request) {
  v1::TicketCounts counts;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(counts, parts_.store->Counts(reader, call.county, request.lead()));
        return absl::OkStatus();
      }));
  return counts;
}

}  // namespace baimi::ticket::api
