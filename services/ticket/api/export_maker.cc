#include "services/ticket/api/export_maker.h"

#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/observe/log.h"
#include "common/privacy/mask.h"
#include "google/protobuf/empty.pb.h"
#include "google/protobuf/struct.pb.h"
#include "services/ticket/api/export_chunks.h"
#include "services/ticket/api/export_file.h"
#include "services/ticket/domain/export.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/recusal.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::api {
namespace {

// A database that hangs must not hold up the end of the process.
constexpr absl::Duration kLongestStep = absl::Seconds(10);
// While a file is put together the lease is renewed after so many pages, for so long.
constexpr int kRenewPages = 20;
constexpr absl::Duration kRenewFor = absl::Minutes(1);

sql::Options Within() { return {.deadline = SystemClock().Now() + kLongestStep}; }

RowScope ScopeOf(const v1::ExportWork& work) {
  return {.whole_county = work.whole_county(),
          .area_prefixes = {work.area_prefixes().begin(), work.area_prefixes().end()},
          .units = {work.units().begin(), work.units().end()}};
}

v1::ExportMetadata& Metadata(store::ExportRow& row) {
  return *row.work.mutable_operation()->mutable_metadata();
}

absl::Time ExpiryOf(const v1::ExportWork& work) {
  return domain::FromProto(work.operation().metadata().expire_time());
}

std::vector<v1::ExportColumn> ColumnsOf(const v1::ExportMetadata& metadata) {
  std::vector<v1::ExportColumn> columns;
  for (const int column : metadata.columns()) {
    columns.push_back(static_cast<v1::ExportColumn>(column));
  }
  return columns;
}

bool WillPass(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsAborted(status) ||
         absl::IsDeadlineExceeded(status) || absl::IsResourceExhausted(status);
}

absl::Status TooLarge(int most) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_EXPORT_TOO_LARGE,
               absl::StrCat("filter: got more than ", most, " orders, want at most as many"),
               "符合条件的工单过多，请缩小范围")
      .With("max_orders", absl::StrCat(most));
}

}  // namespace

v1::ExportEnded EndedEvent(const v1::ExportWork& work) {
  const v1::ExportMetadata& metadata = work.operation().metadata();
  v1::ExportEnded event;
  event.set_operation(work.operation().name());
  *event.mutable_requester() = metadata.requester();
  event.set_purpose(metadata.purpose());
  *event.mutable_filter() = metadata.filter();
  event.set_orders(work.operation().response().orders());
  event.set_size(work.operation().response().size());
  event.set_sha256(work.operation().response().sha256());
  event.set_code(work.operation().error().code());
  return event;
}

void ExportMaker::Ring(const Call& call, const std::string& id,
                       const journal::AlarmClock::Done& done) const {
  const std::pair<std::string, std::string> parts = absl::StrSplit(id, absl::MaxSplits('/', 1));
  int64_t attempt = 0;
  store::ExportRow row;
  absl::Status status = absl::OkStatus();
  if (!absl::SimpleAtoi(parts.second, &attempt)) {
    status = Internal("export: an alarm without its attempt");
  } else {
    status = parts_.database->Read(Within(), [&](sql::Reader& reader) -> absl::Status {
      BAIMI_ASSIGN_OR_RETURN(row,
                             store_->Load(reader, store::ExportName(call.county, parts.first)));
      return absl::OkStatus();
    });
  }
  if (absl::IsNotFound(status) || (status.ok() && row.attempt != attempt)) {
    done(absl::OkStatus());  // Removed, or somebody else has it.
    return;
  }
  done(status.ok() ? Step(call, std::move(row)) : status);
}

absl::Status ExportMaker::Step(const Call& call, store::ExportRow row) const {
  const v1::ExportWork& work = row.work;
  if (work.removing() || call.now >= ExpiryOf(work)) {
    return Remove(call, row);
  }
  if (work.operation().done()) {
    BAIMI_RETURN_IF_ERROR(pieces_->Clean(work, false));
    return parts_.database->Write(Within(), [&](sql::Tx& tx) {
      return store_->Update(tx, work, row.attempt, ExpiryOf(work));
    });
  }
  const v1::ExportStage stage = work.operation().metadata().stage();
  const absl::Status done = stage == v1::FINDING   ? Find(call, row)
                            : stage == v1::WRITING ? Write(call, row)
                                                   : Pack(call, row);
  return done.ok() || WillPass(done) ? done : Fail(call, std::move(row), done);
}

absl::Status ExportMaker::FindPage(sql::Reader& reader, const Call& call,
                                   const v1::ExportWork& work, std::vector<std::string>* numbers,
                                   std::vector<std::string>* next) const {
  const v1::ExportFilter& filter = work.operation().metadata().filter();
  const std::string& unit = work.operation().metadata().requester().unit();
  const RowScope scope = ScopeOf(work);
  const std::vector<std::string> after(work.cursor().begin(), work.cursor().end());
  std::vector<store::TicketRow> rows;
  if (domain::IsSearch(filter)) {
    BAIMI_ASSIGN_OR_RETURN(store::SearchPage page,
                           query_->Page(reader, call.county, domain::QueryOf(filter), {scope, unit},
                                        after, options_.page));
    rows = std::move(page.rows);
    *next = std::move(page.next);
  } else {
    store::ListPart part{.limit = options_.page};
    if (!after.empty()) {
      part.below = after[0];
    }
    BAIMI_ASSIGN_OR_RETURN(
        store::TicketPage page,
        parts_.store->List(reader, call.county, domain::ListOf(filter), scope, part));
    rows = std::move(page.rows);
    if (!page.next.empty()) {
      next->push_back(std::move(page.next));
    }
  }
  for (const store::TicketRow& row : rows) {
    if (!domain::IsRecused(row.ticket, unit)) {
      numbers->emplace_back(domain::IdOf(row.ticket.name()));
    }
  }
  return absl::OkStatus();
}

absl::Status ExportMaker::Find(const Call& call, store::ExportRow row) const {
  v1::ExportMetadata& metadata = Metadata(row);
  std::vector<std::string> numbers;
  std::vector<std::string> next;
  int most = 0;
  BAIMI_RETURN_IF_ERROR(parts_.database->Read(Within(), [&](sql::Reader& reader) -> absl::Status {
    BAIMI_ASSIGN_OR_RETURN(
        const auto policy,
        parts_.policies->At(reader, call.county, domain::FromProto(metadata.create_time())));
    most = policy->policy().exports().max_orders();
    return FindPage(reader, call, row.work, &numbers, &next);
  }));
  metadata.set_orders_total(metadata.orders_total() + static_cast<int>(numbers.size()));
  if (metadata.orders_total() > most) {
    return TooLarge(most);
  }
  row.work.mutable_cursor()->Assign(next.begin(), next.end());
  if (next.empty()) {
    metadata.set_stage(v1::WRITING);
  }
  return Save(call, row, numbers.empty() ? nullptr : &numbers);
}

absl::StatusOr<std::string> ExportMaker::RowsOf(const Call& call, const v1::ExportWork& work,
                                                int* orders) const {
  const v1::ExportMetadata& metadata = work.operation().metadata();
  const RowScope scope = ScopeOf(work);
  std::vector<store::TicketRow> rows;
  BAIMI_RETURN_IF_ERROR(parts_.database->Read(Within(), [&](sql::Reader& reader) -> absl::Status {
    BAIMI_ASSIGN_OR_RETURN(const std::vector<std::string> numbers,
                           store_->LoadPage(reader, work.operation().name(), work.pages_written()));
    *orders = static_cast<int>(numbers.size());
    BAIMI_ASSIGN_OR_RETURN(rows, parts_.store->Among(reader, call.county, numbers, {}, scope));
    return absl::OkStatus();
  }));
  google::protobuf::ListValue table;
  for (store::TicketRow& row : rows) {
    if (domain::IsRecused(row.ticket, metadata.requester().unit())) {
      continue;
    }
    privacy::Mask(&row.ticket, static_cast<PiiView>(work.pii_view()));
    google::protobuf::ListValue& cells = *table.add_values()->mutable_list_value();
    for (const v1::ExportColumn column : ColumnsOf(metadata)) {
      cells.add_values()->set_string_value(domain::CellOf(row.ticket, column));
    }
  }
  return table.SerializeAsString();
}

absl::Status ExportMaker::Write(const Call& call, store::ExportRow row) const {
  v1::ExportMetadata& metadata = Metadata(row);
  if (row.work.pages_written() < row.work.pages_found()) {
    int orders = 0;
    BAIMI_ASSIGN_OR_RETURN(const std::string rows, RowsOf(call, row.work, &orders));
    BAIMI_RETURN_IF_ERROR(pieces_->PutPage(row.work, row.work.pages_written(), rows));
    row.work.set_pages_written(row.work.pages_written() + 1);
    metadata.set_orders_written(metadata.orders_written() + orders);
  }
  if (row.work.pages_written() == row.work.pages_found()) {
    metadata.set_stage(v1::PACKING);
  }
  return Save(call, row);
}

absl::Status ExportMaker::MakeFile(v1::ExportWork& work, int64_t attempt) const {
  work.set_file_attempt(attempt);
  const v1::ExportMetadata& metadata = work.operation().metadata();
  v1::ExportedFile made;
  ExportChunks chunks(pieces_, &work);
  BAIMI_ASSIGN_OR_RETURN(const std::unique_ptr<ExportFile> file,
                         NewExportFile(metadata, ColumnsOf(metadata), options_.scratch,
                                       [&](absl::string_view bytes) { return chunks.Add(bytes); }));
  for (int page = 0; page < work.pages_found(); ++page) {
    if (page % kRenewPages == kRenewPages - 1) {
      BAIMI_RETURN_IF_ERROR(parts_.database->Write(Within(), [&](sql::Tx& tx) {
        return store_->Renew(tx, work.operation().name(), attempt, parts_.clock->Now() + kRenewFor);
      }));
    }
    BAIMI_ASSIGN_OR_RETURN(const std::string bytes, pieces_->GetPage(work, page));
    google::protobuf::ListValue table;
    if (!table.ParseFromString(bytes)) {
      return Internal("export: a page does not parse");
    }
    for (const google::protobuf::Value& row : table.values()) {
      std::vector<std::string> cells;
      for (const google::protobuf::Value& cell : row.list_value().values()) {
        cells.push_back(cell.string_value());
      }
      BAIMI_RETURN_IF_ERROR(file->AddRow(cells));
      made.set_orders(made.orders() + 1);
    }
  }
  BAIMI_RETURN_IF_ERROR(file->Finish());
  BAIMI_RETURN_IF_ERROR(chunks.Finish(&made));
  made.set_file_name(domain::FileName(metadata));
  made.set_media_type(std::string(domain::MediaType(metadata.format())));
  *work.mutable_operation()->mutable_response() = std::move(made);
  return absl::OkStatus();
}

absl::Status ExportMaker::Pack(const Call& call, store::ExportRow row) const {
  const absl::Status made = MakeFile(row.work, row.attempt);
  if (absl::IsNotFound(made)) {
    // The pages lie where another replica put them, or are lost: they are read again.
    row.work.mutable_operation()->clear_result();
    row.work.set_pages_written(0);
    Metadata(row).set_orders_written(0);
    Metadata(row).set_stage(v1::WRITING);
    return Save(call, row);
  }
  BAIMI_RETURN_IF_ERROR(made);
  return End(call, std::move(row));
}

absl::Status ExportMaker::End(const Call& call, store::ExportRow row) const {
  row.work.mutable_operation()->set_done(true);
  Metadata(row).set_stage(v1::ENDED);
  *Metadata(row).mutable_update_time() = domain::ToProto(call.now);
  return parts_.writer
      ->Execute<google::protobuf::Empty>(
          call,
          [this, row](journal::Tx& tx) -> absl::StatusOr<google::protobuf::Empty> {
            BAIMI_RETURN_IF_ERROR(store_->Update(tx.sql(), row.work, row.attempt, tx.now()));
            BAIMI_RETURN_IF_ERROR(tx.RecordAccess(row.work.operation().name(), EndedEvent(row.work),
                                                  row.work.record_key())
                                      .status());
            return google::protobuf::Empty();
          })
      .Wait()
      .status();
}

absl::Status ExportMaker::Fail(const Call& call, store::ExportRow row,
                               const absl::Status& why) const {
  v1::ExportError& error = *row.work.mutable_operation()->mutable_error();
  error.set_code(static_cast<int>(why.code()));
  error.set_reason(ReasonOf(why));
  if (const auto info = ErrorInfoOf(why); info && info->metadata().contains("max_orders")) {
    error.set_message(std::string(why.message()));
    error.set_message_zh(
        absl::StrCat("符合条件的工单超过", info->metadata().at("max_orders"), "件，请缩小范围"));
  } else if (absl::IsInvalidArgument(why)) {
    error.set_message(std::string(why.message()));
    error.set_message_zh("查找条件有误");
  } else {
    observe::Log(observe::LogLevel::kWarning, "an export cannot be made",
                 {{"operation", row.work.operation().name()}, {"status", why}});
    error.set_message("the export cannot be made");
    error.set_message_zh("导出失败");
  }
  return End(call, std::move(row));
}

absl::Status ExportMaker::Remove(const Call& call, const store::ExportRow& row) const {
  BAIMI_RETURN_IF_ERROR(pieces_->Clean(row.work, true));
  absl::Status destroyed = parts_.keys->Destroy(row.work.file_key());
  if (!destroyed.ok() && !absl::IsNotFound(destroyed)) {
    return destroyed;
  }
  return parts_.writer
      ->Execute<google::protobuf::Empty>(
          call,
          [this, row](journal::Tx& tx) -> absl::StatusOr<google::protobuf::Empty> {
            const std::string& name = row.work.operation().name();
            v1::ExportRemoved event;
            event.set_operation(name);
            BAIMI_RETURN_IF_ERROR(store_->Delete(tx.sql(), name, row.attempt));
            if (!row.work.removing()) {  // Else its owner is on record for it.
              BAIMI_RETURN_IF_ERROR(tx.RecordAccess(name, event, privacy::kNoKey).status());
            }
            return google::protobuf::Empty();
          })
      .Wait()
      .status();
}

absl::Status ExportMaker::Save(const Call& call, store::ExportRow& row,
                               const std::vector<std::string>* numbers) const {
  *Metadata(row).mutable_update_time() = domain::ToProto(call.now);
  const int page = row.work.pages_found();
  if (numbers != nullptr) {
    row.work.set_pages_found(page + 1);
  }
  return parts_.database->Write(Within(), [&](sql::Tx& tx) -> absl::Status {
    BAIMI_RETURN_IF_ERROR(store_->Update(tx, row.work, row.attempt, call.now));
    return numbers == nullptr ? absl::OkStatus()
                              : store_->PutPage(tx, row.work.operation().name(), page, *numbers);
  });
}

}  // namespace baimi::ticket::api
