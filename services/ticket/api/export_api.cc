#include "services/ticket/api/export_api.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/export_events.pb.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/api/chunk_download.h"
#include "services/ticket/api/export_maker.h"
#include "services/ticket/api/search_api.h"
#include "services/ticket/domain/export.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::api {
namespace {

constexpr size_t kIdBytes = 16;
constexpr absl::Duration kTryAgain = absl::Seconds(30);
constexpr size_t kDownloads = 256;

template <typename Strings>
bool Same(const Strings& stored, const std::vector<std::string>& now) {
  return std::equal(stored.begin(), stored.end(), now.begin(), now.end());
}

// Whose file this is, and whether he still sees what he saw.
bool IsOwn(const Call& call, const v1::ExportWork& work) {
  const type::v1::Actor& requester = work.operation().metadata().requester();
  return requester.id() == call.actor.id() && requester.unit() == call.actor.unit() &&
         requester.via_service() == call.actor.via_service() &&
         work.whole_county() == call.scope.whole_county &&
         Same(work.area_prefixes(), call.scope.area_prefixes) &&
         Same(work.units(), call.scope.units) && work.pii_view() == static_cast<int>(call.pii_view);
}

bool IsThere(const Call& call, const v1::ExportWork& work) {
  return !work.removing() &&
         call.now < domain::FromProto(work.operation().metadata().expire_time());
}

absl::Status NotDone(const v1::ExportOperation& operation) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_EXPORT_NOT_DONE,
               operation.done() ? "operation: got one that ended without a file, want a file"
                                : "operation: got one under way, want one that is done",
               operation.done() ? "该导出未生成文件" : "导出尚未完成");
}

absl::Status CheckRoom(int running, const v1::ExportPolicy& policy) {
  if (running < policy.max_running()) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_EXPORTS_FULL,
               absl::StrCat("exports: got ", running, " under way, want fewer than ",
                            policy.max_running()),
               "正在进行的导出已达上限，请稍后再试")
      .RetryAfter(kTryAgain);
}

v1::ExportRequested RequestedEvent(const v1::ExportOperation& operation) {
  v1::ExportRequested event;
  event.set_operation(operation.name());
  event.set_format(operation.metadata().format());
  *event.mutable_columns() = operation.metadata().columns();
  *event.mutable_filter() = operation.metadata().filter();
  event.set_purpose(operation.metadata().purpose());
  return event;
}

// What the caller asks for and sees, without ids, keys and times.
v1::ExportWork Asked(const Call& call, const v1::ExportTicketsRequest& request,
                     const std::vector<v1::ExportColumn>& columns) {
  v1::ExportWork work;
  v1::ExportMetadata& metadata = *work.mutable_operation()->mutable_metadata();
  metadata.set_format(request.format());
  for (const v1::ExportColumn column : columns) {
    metadata.add_columns(column);
  }
  *metadata.mutable_filter() = request.filter();
  metadata.set_purpose(request.purpose());
  *metadata.mutable_requester() = call.actor;
  metadata.set_stage(v1::FINDING);
  *metadata.mutable_create_time() = domain::ToProto(call.now);
  *metadata.mutable_update_time() = domain::ToProto(call.now);
  work.set_whole_county(call.scope.whole_county);
  work.mutable_area_prefixes()->Assign(call.scope.area_prefixes.begin(),
                                       call.scope.area_prefixes.end());
  work.mutable_units()->Assign(call.scope.units.begin(), call.scope.units.end());
  work.set_pii_view(static_cast<int>(call.pii_view));
  return work;
}

}  // namespace

ExportApi::ExportApi(const Parts& parts, const store::ExportStore* store,
                     const ExportPieces* pieces, Rng* rng)
    : parts_(parts),
      store_(store),
      pieces_(pieces),
      rng_(rng),
      reader_({.name = "export-download",
               .queue = kDownloads,
               .clock = parts.clock,
               .on_wait = nullptr}) {}

Async<v1::ExportOperation> ExportApi::Export(const Call& call,
                                             const v1::ExportTicketsRequest& request) {
  if (domain::IsSearch(request.filter())) {
    BAIMI_RETURN_IF_ERROR(MaySearch(call));
  }
  BAIMI_RETURN_IF_ERROR(domain::CheckFilter(request.filter()));
  BAIMI_ASSIGN_OR_RETURN(const auto columns, domain::ColumnsOf(request.columns()));
  if (request.format() != v1::CSV && request.format() != v1::XLSX) {
    return InvalidField("format", absl::StrCat(request.format()), "CSV or XLSX",
                        "格式须为 CSV 或 XLSX");
  }
  if (pieces_ == nullptr) {
    return domain::MayExport({});
  }
  v1::ExportWork asked = Asked(call, request, columns);
  asked.mutable_operation()->set_name(
      store::ExportName(call.county, absl::BytesToHexString(rng_->Bytes(kIdBytes))));
  asked.set_place(absl::BytesToHexString(rng_->Bytes(kIdBytes)));
  return parts_.writer->Execute<v1::ExportOperation>(
      call, [this, asked](journal::Tx& tx) -> absl::StatusOr<v1::ExportOperation> {
        BAIMI_ASSIGN_OR_RETURN(const auto policy, parts_.policies->At(tx));
        BAIMI_RETURN_IF_ERROR(domain::MayExport(policy->policy()));
        const v1::ExportPolicy& limits = policy->policy().exports();
        BAIMI_ASSIGN_OR_RETURN(const int running, store_->Running(tx.sql(), tx.county()));
        BAIMI_RETURN_IF_ERROR(CheckRoom(running, limits));
        v1::ExportWork work = asked;
        v1::ExportMetadata& metadata = *work.mutable_operation()->mutable_metadata();
        metadata.set_policy_version(policy->policy().version());
        *metadata.mutable_expire_time() =
            domain::ToProto(tx.now() + absl::Hours(24) * limits.keep_days());
        BAIMI_ASSIGN_OR_RETURN(const privacy::KeyId record_key, parts_.keys->NewKey());
        BAIMI_ASSIGN_OR_RETURN(const privacy::KeyId file_key, parts_.keys->NewKey());
        work.set_record_key(record_key);
        work.set_file_key(file_key);
        BAIMI_RETURN_IF_ERROR(store_->Insert(tx.sql(), work, tx.now()));
        BAIMI_RETURN_IF_ERROR(
            tx.RecordAccess(work.operation().name(), RequestedEvent(work.operation()), record_key)
                .status());
        tx.SealAnswerUnder(record_key);
        return work.operation();
      });
}

absl::StatusOr<store::ExportRow> ExportApi::LoadOwn(sql::Reader& reader, const Call& call,
                                                    const std::string& name) const {
  BAIMI_ASSIGN_OR_RETURN(store::ExportRow row, store_->Load(reader, name));
  if (!IsOwn(call, row.work) || !IsThere(call, row.work)) {
    return NotFound(name);
  }
  return row;
}

Async<v1::ExportOperation> ExportApi::Get(const Call& call,
                                          const v1::GetExportOperationRequest& request) {
  store::ExportRow row;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(row, LoadOwn(reader, call, request.name()));
        return absl::OkStatus();
      }));
  return std::move(*row.work.mutable_operation());
}

Async<v1::ListExportOperationsResponse> ExportApi::List(
    const Call& call, const v1::ListExportOperationsRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  const resource::PageQuery query = resource::PageQueryOf(call.method, request);
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         parts_.tokens->Read(query, request.page_token()));
  store::ExportKey after;
  if (!cursor.last_key.empty()) {
    after.id = cursor.last_key[1];
    if (!absl::SimpleAtoi(cursor.last_key[0], &after.create_us)) {
      return Internal("page token: a time that is no number");
    }
  }
  std::vector<v1::ExportWork> found;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(found,
                               store_->List(reader, call.county, call.actor.id(), after, size));
        return absl::OkStatus();
      }));
  v1::ListExportOperationsResponse response;
  for (v1::ExportWork& work : found) {
    const v1::ExportOperation& operation = work.operation();
    after.create_us = absl::ToUnixMicros(domain::FromProto(operation.metadata().create_time()));
    after.id = std::string(domain::IdOf(operation.name()));
    if (IsOwn(call, work) && IsThere(call, work)) {
      *response.add_operations() = std::move(*work.mutable_operation());
    }
  }
  if (found.size() == static_cast<size_t>(size)) {
    response.set_next_page_token(
        parts_.tokens->Make(query, {{absl::StrCat(after.create_us), after.id}}));
  }
  return response;
}

Async<v1::ExportOperation> ExportApi::Cancel(const Call& call,
                                             const v1::CancelExportOperationRequest& request) {
  return parts_.writer->Execute<v1::ExportOperation>(
      call, [this, request](journal::Tx& tx) -> absl::StatusOr<v1::ExportOperation> {
        BAIMI_ASSIGN_OR_RETURN(store::ExportRow row, LoadOwn(tx.sql(), tx.call(), request.name()));
        v1::ExportOperation& operation = *row.work.mutable_operation();
        tx.SealAnswerUnder(row.work.record_key());
        if (operation.done()) {
          return operation;
        }
        operation.set_done(true);
        operation.mutable_metadata()->set_stage(v1::ENDED);
        *operation.mutable_metadata()->mutable_update_time() = domain::ToProto(tx.now());
        operation.mutable_error()->set_code(static_cast<int>(absl::StatusCode::kCancelled));
        operation.mutable_error()->set_message("cancelled by the caller");
        operation.mutable_error()->set_message_zh("已取消");
        BAIMI_RETURN_IF_ERROR(store_->Overtake(tx.sql(), row.work, tx.now()));
        BAIMI_RETURN_IF_ERROR(
            tx.RecordAccess(operation.name(), EndedEvent(row.work), row.work.record_key())
                .status());
        return operation;
      });
}

Async<google::protobuf::Empty> ExportApi::Delete(const Call& call,
                                                 const v1::DeleteExportOperationRequest& request) {
  return parts_.writer->Execute<google::protobuf::Empty>(
      call, [this, request](journal::Tx& tx) -> absl::StatusOr<google::protobuf::Empty> {
        BAIMI_ASSIGN_OR_RETURN(store::ExportRow row, LoadOwn(tx.sql(), tx.call(), request.name()));
        if (!row.work.operation().done()) {
          return NotDone(row.work.operation());
        }
        row.work.set_removing(true);
        BAIMI_RETURN_IF_ERROR(store_->Overtake(tx.sql(), row.work, tx.now()));
        v1::ExportRemoved event;
        event.set_operation(request.name());
        BAIMI_RETURN_IF_ERROR(tx.RecordAccess(request.name(), event, privacy::kNoKey).status());
        return google::protobuf::Empty();
      });
}

absl::StatusOr<v1::ExportWork> ExportApi::LoadFile(const Call& call, const std::string& name,
                                                   int64_t offset) const {
  store::ExportRow row;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(row, LoadOwn(reader, call, name));
        return absl::OkStatus();
      }));
  if (!row.work.operation().has_response() || pieces_ == nullptr) {
    return NotDone(row.work.operation());
  }
  const int64_t size = row.work.operation().response().size();
  if (offset > size) {
    return InvalidField("offset", absl::StrCat(offset), absl::StrCat("0 to ", size),
                        "超出文件末尾");
  }
  return std::move(row.work);
}

absl::Status ExportApi::RecordRead(const Call& call, const v1::ExportWork& work, int64_t offset,
                                   int64_t bytes) const {
  v1::ExportRead event;
  event.set_operation(work.operation().name());
  event.set_offset(offset);
  event.set_bytes(bytes);
  event.set_purpose(work.operation().metadata().purpose());
  return parts_.writer
      ->Execute<google::protobuf::Empty>(
          call,
          [event](journal::Tx& tx) -> absl::StatusOr<google::protobuf::Empty> {
            BAIMI_RETURN_IF_ERROR(
                tx.RecordAccess(event.operation(), event, privacy::kNoKey).status());
            return google::protobuf::Empty();
          })
      .Wait()
      .status();
}

Async<v1::ExportChunk> ExportApi::Read(const Call& call, const v1::ReadExportRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const v1::ExportWork work,
                         LoadFile(call, request.name(), request.offset()));
  BAIMI_ASSIGN_OR_RETURN(v1::ExportChunk chunk, pieces_->Read(work, request.offset()));
  BAIMI_RETURN_IF_ERROR(
      RecordRead(call, work, chunk.offset(), static_cast<int64_t>(chunk.data().size())));
  return chunk;
}

absl::Status ExportApi::Download(const Call& call, const v1::DownloadExportRequest& request,
                                 const std::shared_ptr<rpc::Stream<v1::ExportChunk>>& stream) {
  BAIMI_ASSIGN_OR_RETURN(v1::ExportWork work, LoadFile(call, request.name(), request.offset()));
  BAIMI_RETURN_IF_ERROR(RecordRead(call, work, request.offset(),
                                   work.operation().response().size() - request.offset()));
  ChunkDownload<v1::ExportChunk>::Start([pieces = pieces_, work = std::move(work)](
                                            int64_t offset) { return pieces->Read(work, offset); },
                                        request.offset(), stream, &reader_);
  return absl::OkStatus();
}

}  // namespace baimi::ticket::api
