#include "services/ticket/api/notice_api.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/notices.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/recusal.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/telling.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::api {
namespace {

// A page looks at no more notices than so many times its size.
constexpr int kLooks = 10;

const RowScope& WholeCounty() {
  static const auto& scope = *new RowScope{.whole_county = true, .area_prefixes = {}, .units = {}};
  return scope;
}

bool OfUnits(const RowScope& scope, absl::string_view unit) {
  return !unit.empty() &&
         std::find(scope.units.begin(), scope.units.end(), domain::IdOf(unit)) != scope.units.end();
}

}  // namespace

absl::StatusOr<bool> NoticeApi::Visible(sql::Reader& reader, const Call& call,
                                        const v1::Notice& notice) const {
  if (!call.scope.whole_county) {
    return OfUnits(call.scope, notice.unit());
  }
  // Its own inbox holds nothing that it may not know.
  if (call.actor.unit().empty() || domain::IdOf(notice.unit()) == call.actor.unit()) {
    return true;
  }
  if (notice.ticket().empty()) {
    return true;
  }
  BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row,
                         parts_.store->Load(reader, notice.ticket(), WholeCounty()));
  return !domain::IsRecused(row.ticket, call.actor.unit());
}

absl::StatusOr<v1::Notice> NoticeApi::LoadVisible(sql::Reader& reader, const Call& call,
                                                  absl::string_view name) const {
  BAIMI_ASSIGN_OR_RETURN(v1::Notice notice, parts_.notices->Load(reader, call.county, name));
  BAIMI_ASSIGN_OR_RETURN(const bool visible, Visible(reader, call, notice));
  if (!visible) {
    return NotFound(name);
  }
  return notice;
}

Async<v1::ListNoticesResponse> NoticeApi::List(const Call& call,
                                               const v1::ListNoticesRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  const resource::PageQuery query = resource::PageQueryOf(call.method, request);
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         parts_.tokens->Read(query, request.page_token()));
  store::NoticeKey key;
  if (!cursor.last_key.empty()) {
    BAIMI_ASSIGN_OR_RETURN(key, store::NoticeKeyOf(cursor.last_key[0]));
  }
  v1::ListNoticesResponse response;
  bool more = true;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        for (int looks = 0; more && response.notices_size() < size && looks < kLooks; ++looks) {
          BAIMI_ASSIGN_OR_RETURN(
              const std::vector<v1::Notice> notices,
              parts_.notices->List(reader, call.county, request.unit(), key, size + 1));
          more = notices.size() > static_cast<size_t>(size);
          for (const v1::Notice& notice : notices) {
            if (response.notices_size() == size) {
              more = true;
              break;
            }
            BAIMI_ASSIGN_OR_RETURN(key, store::NoticeKeyOf(notice.name()));
            BAIMI_ASSIGN_OR_RETURN(const bool visible, Visible(reader, call, notice));
            const bool unread = !notice.unit().empty() && !notice.has_read_time();
            if (visible && (unread || !request.unread())) {
              *response.add_notices() = notice;
            }
          }
        }
        return absl::OkStatus();
      }));
  if (more) {
    response.set_next_page_token(parts_.tokens->Make(query, {{absl::StrCat(key.seq, "-", key.n)}}));
  }
  return response;
}

Async<v1::Notice> NoticeApi::Get(const Call& call, const v1::GetNoticeRequest& request) {
  v1::Notice notice;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(notice, LoadVisible(reader, call, request.name()));
        return absl::OkStatus();
      }));
  return notice;
}

absl::Status NoticeApi::Move(Orders::Work& work, const v1::Notice& notice) const {
  v1::NoticeMoved event;
  *event.mutable_notice() = notice;
  BAIMI_RETURN_IF_ERROR(work.tx.Record(notice.name(), event, privacy::kNoKey).status());
  return parts_.notices->Update(work.tx.sql(), work.tx.county(), notice);
}

absl::Status NoticeApi::Arrived(Orders::Work& work, const v1::Notice& notice) const {
  if (notice.matter() == v1::TELLING_MATTER_UNSPECIFIED) {
    return absl::OkStatus();
  }
  BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row,
                         parts_.store->Load(work.tx.sql(), notice.ticket(), WholeCounty()));
  if (domain::OpenDuty(row.ticket, notice.matter()) == nullptr) {
    return absl::OkStatus();  // Somebody told him meanwhile.
  }
  v1::CallerTold told;
  told.set_matter(notice.matter());
  told.set_how(v1::SMS);
  told.set_template_(notice.template_());
  told.set_receipt(notice.receipt());
  told.set_notice(notice.name());
  BAIMI_ASSIGN_OR_RETURN(domain::Decision decision,
                         domain::Tell(row.ticket, std::move(told), work.context));
  return orders_.Commit(work, row, std::move(decision)).status();
}

Async<v1::Notice> NoticeApi::Read(const Call& call, const v1::ReadNoticeRequest& request) {
  return orders_.TransactAs<v1::Notice>(
      call, [this, name = request.name()](Orders::Work& work) -> absl::StatusOr<v1::Notice> {
        BAIMI_ASSIGN_OR_RETURN(v1::Notice notice, LoadVisible(work.tx.sql(), work.tx.call(), name));
        if (notice.has_read_time() || notice.unit().empty()) {
          return notice;
        }
        notice.set_status(v1::NOTICE_READ);
        *notice.mutable_read_time() = domain::ToProto(work.context.now);
        *notice.mutable_read_by() = work.context.actor;
        BAIMI_RETURN_IF_ERROR(Move(work, notice));
        return notice;
      });
}

Async<v1::Notice> NoticeApi::RecordDelivery(const Call& call,
                                            const v1::RecordDeliveryRequest& request) {
  return orders_.TransactAs<v1::Notice>(
      call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::Notice> {
        BAIMI_ASSIGN_OR_RETURN(v1::Notice notice,
                               LoadVisible(work.tx.sql(), work.tx.call(), request.name()));
        // A report about an attempt that is over changes nothing.
        if (notice.status() != v1::NOTICE_SENT || notice.receipt() != request.receipt()) {
          return notice;
        }
        if (request.delivered()) {
          notice.set_status(v1::NOTICE_DELIVERED);
          *notice.mutable_deliver_time() = domain::ToProto(work.context.now);
          BAIMI_RETURN_IF_ERROR(Arrived(work, notice));
        } else {
          domain::PutOff(request.failure(), work.context.now,
                         work.context.policy.policy().notices(), &notice);
        }
        BAIMI_RETURN_IF_ERROR(Move(work, notice));
        return notice;
      });
}

Async<v1::ListTellingDutiesResponse> NoticeApi::ListDuties(
    const Call& call, const v1::ListTellingDutiesRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  const resource::PageQuery query = resource::PageQueryOf(call.method, request);
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         parts_.tokens->Read(query, request.page_token()));
  std::string after = cursor.last_key.empty() ? "" : cursor.last_key[0];
  std::vector<store::TicketRow> rows;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(rows,
                               parts_.desks->WithDuties(reader, call.county, after, size + 1));
        return absl::OkStatus();
      }));
  v1::ListTellingDutiesResponse response;
  for (size_t i = 0; i < rows.size() && i < static_cast<size_t>(size); ++i) {
    const v1::Ticket& ticket = rows[i].ticket;
    after = std::string(store::LastSegment(ticket.name()));
    if (!store::InScope(ticket, call.scope) || domain::IsRecused(ticket, call.actor.unit())) {
      continue;
    }
    v1::OpenDuties& open = *response.add_open_duties();
    open.set_ticket(ticket.name());
    for (const v1::TellingDuty& duty : ticket.telling_duties()) {
      if (!duty.has_told()) {
        *open.add_duties() = duty;
      }
    }
  }
  if (rows.size() > static_cast<size_t>(size)) {
    response.set_next_page_token(parts_.tokens->Make(query, {{after}}));
  }
  return response;
}

Async<v1::Ticket> NoticeApi::TellCaller(const Call& call, const v1::TellCallerRequest& request) {
  return orders_.Change(
      call, request.name(),
      [request](const v1::Ticket& ticket,
                const domain::Context& context) -> absl::StatusOr<domain::Decision> {
        if (domain::IsRecused(ticket, context.actor.unit())) {
          return NotFound(request.name());
        }
        return domain::TellByHand(ticket, request, context);
      });
}

}  // namespace baimi::ticket::api
