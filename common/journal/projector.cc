#include "common/journal/projector.h"

#include <utility>

#include "common/base/status_macros.h"
#include "common/journal/log.h"
#include "common/journal/schema.h"
#include "common/journal/writer.h"
#include "common/observe/log.h"

namespace baimi::journal {

Projector::Projector(sql::Database* database, std::string name, Apply apply,
                     const ProjectorOptions& options)
    : database_(database),
      name_(std::move(name)),
      apply_(std::move(apply)),
      options_(options),
      ticker_(options.poll, [this] {
        const absl::StatusOr<int64_t> applied = CatchUp();
        if (!applied.ok()) {
          observe::Log(observe::LogLevel::kWarning, "a projection of the journal stands still",
                       {{"projection", name_}, {"status", applied.status()}});
        }
      }) {}

absl::StatusOr<int64_t> Projector::CatchUp() {
  BAIMI_ASSIGN_OR_RETURN(const std::vector<std::string> counties, Behind());
  int64_t applied = 0;
  for (const std::string& county : counties) {
    for (int64_t step = 1; step > 0;) {
      BAIMI_ASSIGN_OR_RETURN(step, Step(county));
      applied += step;
    }
  }
  return applied;
}

absl::StatusOr<std::vector<std::string>> Projector::Behind() {
  std::vector<std::string> counties;
  BAIMI_RETURN_IF_ERROR(database_->Read({}, [&](sql::Reader& reader) {
    return reader.Query(kBehind, {name_, kMainStream}, [&](const sql::Row& row) {
      counties.emplace_back(row.Text(0));
      return absl::OkStatus();
    });
  }));
  return counties;
}

absl::StatusOr<int64_t> Projector::Step(const std::string& county) {
  int64_t applied = 0;
  BAIMI_RETURN_IF_ERROR(database_->Write({}, [&](sql::Tx& tx) -> absl::Status {
    applied = 0;
    BAIMI_RETURN_IF_ERROR(tx.Execute(kCreateProjection, {county, name_}).status());
    int64_t cursor = -1;
    BAIMI_RETURN_IF_ERROR(tx.Query(kLockProjection, {county, name_}, [&](const sql::Row& row) {
      cursor = row.Int64(0);
      return absl::OkStatus();
    }));
    if (cursor < 0) {
      return absl::OkStatus();  // Taken.
    }
    std::vector<type::v1::JournalRecord> records;
    BAIMI_RETURN_IF_ERROR(ReadStream(tx, county, kMainStream, cursor, options_.batch,
                                     [&](const type::v1::JournalRecord& record) {
                                       records.push_back(record);
                                       return absl::OkStatus();
                                     }));
    if (records.empty()) {
      return absl::OkStatus();
    }
    BAIMI_RETURN_IF_ERROR(apply_(tx, county, records));
    applied = static_cast<int64_t>(records.size());
    return tx.Execute(kMoveProjection, {county, name_, records.back().seq()}).status();
  }));
  return applied;
}

void Projector::Stop() { ticker_.Stop(); }

absl::StatusOr<int64_t> Projector::Cursor(sql::Reader& reader, absl::string_view name,
                                          absl::string_view county) {
  int64_t seq = 0;
  BAIMI_RETURN_IF_ERROR(reader
                            .QueryOne(kReadProjection, {county, name},
                                      [&](const sql::Row& row) {
                                        seq = row.Int64(0);
                                        return absl::OkStatus();
                                      })
                            .status());
  return seq;
}

}  // namespace baimi::journal
