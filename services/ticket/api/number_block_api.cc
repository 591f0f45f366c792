#include "services/ticket/api/number_block_api.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::api {
namespace {

absl::Status BlockExists(const v1::NumberBlock& block) {
  return Error(absl::StatusCode::kAlreadyExists, type::v1::ERROR_REASON_RESOURCE_EXISTS,
               absl::StrCat("number_block.phone: got a number with ", block.name(), " in state ",
                            v1::NumberBlockState_Name(block.state()),
                            ", want one without a block that waits or is in force"),
               absl::StrCat("该号码已有待审批或生效中的限制（", domain::IdOf(block.name()), "）"))
      .With("number_block", block.name())
      .Build();
}

}  // namespace

absl::Status NumberBlockApi::CheckEvidence(Orders::Work& work, const v1::NumberBlock& block,
                                           absl::string_view phone) const {
  for (const std::string& ticket : block.tickets()) {
    BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row, orders_.Load(work, ticket));
    if (parts_.store->CallerIndex(row.ticket.caller().phone()) != phone) {
      return InvalidField("number_block.tickets", ticket, "orders that the number called about",
                          "该号码来电形成的工单");
    }
  }
  return absl::OkStatus();
}

Async<v1::NumberBlock> NumberBlockApi::Create(const Call& call,
                                              const v1::CreateNumberBlockRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const privacy::KeyId key, parts_.keys->NewKey());
  return orders_.TransactAs<v1::NumberBlock>(
      call, [this, request, key](Orders::Work& work) -> absl::StatusOr<v1::NumberBlock> {
        store::NumberBlockRow row{.key = key, .seq = work.tx.next_seq()};
        const std::string name =
            absl::StrCat(request.parent(), "/numberBlocks/",
                         absl::FormatTime("%Y%m%d", work.tx.now(), ShanghaiZone()),
                         absl::StrFormat("-%09d", row.seq));
        BAIMI_ASSIGN_OR_RETURN(domain::BlockStep step,
                               domain::AskForBlock(request, name, work.context));
        const std::string phone = parts_.store->CallerIndex(step.block.phone());
        BAIMI_RETURN_IF_ERROR(CheckEvidence(work, step.block, phone));
        BAIMI_ASSIGN_OR_RETURN(std::optional<store::NumberBlockRow> before,
                               store_->OpenOf(work.tx.sql(), work.tx.county(), phone));
        if (before && domain::IsOpen(before->block, work.context.now)) {
          return BlockExists(before->block);
        }
        if (before) {
          // It expired; nothing stands in the way any more.
          BAIMI_RETURN_IF_ERROR(store_->Update(work.tx.sql(), *before, /*open=*/false));
        }
        BAIMI_RETURN_IF_ERROR(work.tx.Record(name, step.fact, key).status());
        row.block = std::move(step.block);
        BAIMI_ASSIGN_OR_RETURN(const bool only, store_->Insert(work.tx.sql(), row, phone));
        if (!only) {
          return BlockExists(row.block);
        }
        work.tx.SealAnswerUnder(key);
        return std::move(row.block);
      });
}

Async<v1::NumberBlock> NumberBlockApi::Change(const Call& call, const std::string& name,
                                              Step step) {
  return orders_.TransactAs<v1::NumberBlock>(
      call,
      [this, name, step = std::move(step)](Orders::Work& work) -> absl::StatusOr<v1::NumberBlock> {
        BAIMI_ASSIGN_OR_RETURN(store::NumberBlockRow row, store_->Load(work.tx.sql(), name));
        BAIMI_ASSIGN_OR_RETURN(domain::BlockStep done, step(row.block, work.context));
        BAIMI_RETURN_IF_ERROR(work.tx.Record(name, done.fact, row.key).status());
        row.block = std::move(done.block);
        BAIMI_RETURN_IF_ERROR(
            store_->Update(work.tx.sql(), row, domain::IsOpen(row.block, work.context.now)));
        work.tx.SealAnswerUnder(row.key);
        return std::move(row.block);
      });
}

Async<v1::NumberBlock> NumberBlockApi::Decide(const Call& call,
                                              const v1::DecideNumberBlockRequest& request) {
  return Change(call, request.name(),
                [request](const v1::NumberBlock& block, const domain::Context& context) {
                  return domain::DecideBlock(block, request, context);
                });
}

Async<v1::NumberBlock> NumberBlockApi::Appeal(const Call& call,
                                              const v1::AppealNumberBlockRequest& request) {
  return Change(call, request.name(),
                [request](const v1::NumberBlock& block, const domain::Context& context) {
                  return domain::AppealBlock(block, request, context);
                });
}

Async<v1::NumberBlock> NumberBlockApi::DecideAppeal(
    const Call& call, const v1::DecideNumberBlockAppealRequest& request) {
  return Change(call, request.name(),
                [request](const v1::NumberBlock& block, const domain::Context& context) {
                  return domain::DecideBlockAppeal(block, request, context);
                });
}

Async<v1::NumberBlock> NumberBlockApi::Lift(const Call& call,
                                            const v1::LiftNumberBlockRequest& request) {
  return Change(call, request.name(),
                [request](const v1::NumberBlock& block, const domain::Context& context) {
                  return domain::LiftBlock(block, request, context);
                });
}

Async<v1::NumberBlock> NumberBlockApi::Get(const Call& call,
                                           const v1::GetNumberBlockRequest& request) {
  store::NumberBlockRow row;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(row, store_->Load(reader, request.name()));
        return absl::OkStatus();
      }));
  return domain::AsOf(std::move(row.block), call.now);
}

Async<v1::ListNumberBlocksResponse> NumberBlockApi::List(
    const Call& call, const v1::ListNumberBlocksRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  const resource::PageQuery query = resource::PageQueryOf(call.method, request);
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         parts_.tokens->Read(query, request.page_token()));
  int64_t below = 0;
  if (!cursor.last_key.empty() && !absl::SimpleAtoi(cursor.last_key[0], &below)) {
    return Internal("page token: a sequence that is no number");
  }
  std::vector<store::NumberBlockRow> rows;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(rows, store_->List(reader, call.county, below, size + 1));
        return absl::OkStatus();
      }));
  v1::ListNumberBlocksResponse response;
  for (size_t i = 0; i < rows.size() && i < static_cast<size_t>(size); ++i) {
    below = rows[i].seq;
    *response.add_number_blocks() = domain::AsOf(std::move(rows[i].block), call.now);
  }
  if (rows.size() > static_cast<size_t>(size)) {
    response.set_next_page_token(parts_.tokens->Make(query, {{absl::StrCat(below)}}));
  }
  return response;
}

Async<v1::CheckNumberResponse> NumberBlockApi::Check(const Call& call,
                                                     const v1::CheckNumberRequest& request) {
  const std::string phone = parts_.store->CallerIndex(request.phone());
  std::optional<store::NumberBlockRow> row;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(row, store_->OpenOf(reader, call.county, phone));
        return absl::OkStatus();
      }));
  v1::CheckNumberResponse response = domain::CheckCall(row ? &row->block : nullptr, call.now);
  if (!response.blocked()) {
    return response;
  }
  return parts_.writer->Execute<v1::CheckNumberResponse>(
      call, [response](journal::Tx& tx) -> absl::StatusOr<v1::CheckNumberResponse> {
        v1::BlockedNumberMet event;
        event.set_block(response.number_block());
        BAIMI_RETURN_IF_ERROR(
            tx.RecordAccess(response.number_block(), event, privacy::kNoKey).status());
        return response;
      });
}

}  // namespace baimi::ticket::api
