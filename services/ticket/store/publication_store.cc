#include "services/ticket/store/publication_store.h"

#include <limits>
#include <string>

#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::store {
namespace {

constexpr sql::Statement kLoad = {
    "publications.load",
    "SELECT body FROM publications WHERE county = $1 AND month = $2 AND version = $3"};
constexpr sql::Statement kOfMonth = {
    "publications.of_month",
    "SELECT body FROM publications WHERE county = $1 AND month = $2 ORDER BY version"};
constexpr sql::Statement kInsert = {
    "publications.insert",
    "INSERT INTO publications (county, month, version, state, body) VALUES ($1, $2, $3, $4, $5)"};
constexpr sql::Statement kUpdate = {
    "publications.update",
    "UPDATE publications SET state = $4, body = $5 WHERE county = $1 AND month = $2 AND "
    "version = $3"};
constexpr sql::Statement kList = {
    "publications.list",
    "SELECT body FROM publications WHERE county = $1 AND (month < $2 OR (month = $2 AND "
    "version < $3)) AND ($4 = 0 OR state = $4) ORDER BY month DESC, version DESC LIMIT $5"};
constexpr sql::Statement kFiled = {
    "publications.filed",
    "SELECT type, channel, COUNT(*) FROM tickets WHERE county = $1 AND number >= $2 AND "
    "number < $3 GROUP BY type, channel"};

constexpr int64_t kAfterAll = std::numeric_limits<int32_t>::max();

int64_t NumberOf(absl::CivilMonth month) { return month.year() * 100 + month.month(); }

absl::Status Parse(const sql::Row& row, v1::PublicationWork* work) {
  const absl::string_view body = row.Bytes(0);
  return work->ParseFromArray(body.data(), static_cast<int>(body.size()))
             ? absl::OkStatus()
             : Internal("publications: a stored row does not parse");
}

absl::Status Write(sql::Tx& tx, const sql::Statement& statement, const v1::PublicationWork& work) {
  const std::string& name = work.publication().name();
  const std::optional<domain::PublicationId> id = domain::ParsePublicationId(name);
  if (!id) {
    return Internal("publications: a row without month and version");
  }
  const std::string body = work.SerializeAsString();
  BAIMI_ASSIGN_OR_RETURN(
      const int64_t rows,
      tx.Execute(statement, {domain::CountyOf(name), NumberOf(id->month), int64_t{id->version},
                             int64_t{work.publication().state()}, sql::Param::Bytes(body)}));
  return rows == 1 ? absl::OkStatus() : Internal("publications: the row to update vanished");
}

}  // namespace

absl::StatusOr<v1::PublicationWork> PublicationStore::Load(sql::Reader& reader,
                                                           absl::string_view name) {
  const std::optional<domain::PublicationId> id = domain::ParsePublicationId(name);
  v1::PublicationWork work;
  bool found = false;
  if (id) {
    BAIMI_ASSIGN_OR_RETURN(
        found,
        reader.QueryOne(kLoad, {domain::CountyOf(name), NumberOf(id->month), int64_t{id->version}},
                        [&](const sql::Row& row) { return Parse(row, &work); }));
  }
  if (!found) {
    return NotFound(name);
  }
  return work;
}

absl::StatusOr<std::vector<v1::PublicationWork>> PublicationStore::OfMonth(sql::Reader& reader,
                                                                           absl::string_view county,
                                                                           absl::CivilMonth month) {
  std::vector<v1::PublicationWork> works;
  BAIMI_RETURN_IF_ERROR(reader.Query(kOfMonth, {county, NumberOf(month)}, [&](const sql::Row& row) {
    return Parse(row, &works.emplace_back());
  }));
  return works;
}

absl::Status PublicationStore::Insert(sql::Tx& tx, const v1::PublicationWork& work) {
  return Write(tx, kInsert, work);
}

absl::Status PublicationStore::Update(sql::Tx& tx, const v1::PublicationWork& work) {
  return Write(tx, kUpdate, work);
}

absl::StatusOr<std::vector<v1::PublicationWork>> PublicationStore::List(
    sql::Reader& reader, absl::string_view county,
    const std::optional<domain::PublicationId>& after, v1::PublicationState state, int limit) {
  std::vector<v1::PublicationWork> works;
  BAIMI_RETURN_IF_ERROR(
      reader.Query(kList,
                   {county, after ? NumberOf(after->month) : kAfterAll,
                    after ? int64_t{after->version} : 0, int64_t{state}, int64_t{limit}},
                   [&](const sql::Row& row) { return Parse(row, &works.emplace_back()); }));
  return works;
}

absl::StatusOr<std::map<std::pair<v1::TicketType, v1::Channel>, int64_t>> PublicationStore::Filed(
    sql::Reader& reader, absl::string_view county, absl::CivilMonth month) {
  const auto first = [](absl::CivilMonth of) {
    return absl::StrFormat("%04d%02d01", of.year(), of.month());
  };
  std::map<std::pair<v1::TicketType, v1::Channel>, int64_t> filed;
  BAIMI_RETURN_IF_ERROR(
      reader.Query(kFiled, {county, first(month), first(month + 1)}, [&](const sql::Row& row) {
        filed[{static_cast<v1::TicketType>(row.Int64(0)), static_cast<v1::Channel>(row.Int64(1))}] =
            row.Int64(2);
        return absl::OkStatus();
      }));
  return filed;
}

}  // namespace baimi::ticket::store
