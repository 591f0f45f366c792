#include "services/ticket/store/whistle_store.h"

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/figures.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/whistle.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::store {
namespace {

constexpr sql::Statement kLoad = {
    "whistles.load",
    "SELECT id, body, sealed, key_id, seq FROM whistles WHERE county = $1 AND id = $2"};
constexpr sql::Statement kSave = {
    "whistles.save",
    "INSERT INTO whistles (county, id, seq, open, key_id, body, sealed) VALUES ($1, $2, $3, $4, "
    "$5, $6, $7) ON CONFLICT (county, id) DO UPDATE SET open = $4, body = $6, sealed = $7"};
constexpr sql::Statement kSaveUnit = {
    "whistles.save_unit",
    "INSERT INTO whistle_units (county, unit, seq, open) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (county, unit, seq) DO UPDATE SET open = $4"};
constexpr sql::Statement kSaveCall = {
    "whistles.save_call",
    "INSERT INTO whistle_calls (county, day, seq, unit, whistler, reported, in_time, answered, "
    "rating, rating_back) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
    "ON CONFLICT (county, day, seq, unit) DO UPDATE SET reported = $6, in_time = $7, "
    "answered = $8, rating = $9, rating_back = $10"};

#define BAIMI_WHISTLES "SELECT id, body, sealed, key_id, seq FROM whistles WHERE county = $1 AND "
constexpr sql::Statement kList = {"whistles.list",
                                  BAIMI_WHISTLES "seq < $2 ORDER BY seq DESC LIMIT $3"};
constexpr sql::Statement kListOpen = {
    "whistles.list_open", BAIMI_WHISTLES "open = 1 AND seq < $2 ORDER BY seq DESC LIMIT $3"};
constexpr sql::Statement kBySeq = {"whistles.by_seq", BAIMI_WHISTLES "seq = $2"};
#undef BAIMI_WHISTLES
constexpr sql::Statement kOfUnit = {"whistles.of_unit",
                                    "SELECT seq FROM whistle_units WHERE county = $1 AND "
                                    "unit = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4"};
constexpr sql::Statement kOpenOfUnit = {
    "whistles.open_of_unit",
    "SELECT seq FROM whistle_units WHERE county = $1 AND unit = $2 AND open = 1 AND seq < $3 "
    "ORDER BY seq DESC LIMIT $4"};
constexpr sql::Statement kCalls = {
    "whistles.calls",
    "SELECT seq, unit, whistler, reported, in_time, answered, rating, rating_back FROM "
    "whistle_calls WHERE county = $1 AND day >= $2 AND day <= $3 ORDER BY day, seq, unit"};

constexpr int64_t kAboveAll = int64_t{1} << 60;

std::string Context(absl::string_view name) { return absl::StrCat("row:", name); }

absl::Status Open(const privacy::Vault& vault, absl::string_view county, const sql::Row& row,
                  WhistleRow* out) {
  out->key = row.Int64(3);
  out->seq = row.Int64(4);
  const std::string name = absl::StrCat("counties/", county, "/whistles/", row.Text(0));
  const absl::Status opened = vault.Open(row.Bytes(1), row.Bytes(2), Context(name), &out->whistle);
  return ReasonOf(opened) == "DATA_SHREDDED" ? absl::OkStatus() : opened;
}

bool IsSatisfied(int64_t rating) {
  return rating >= v1::VERY_SATISFIED && rating <= v1::BASICALLY_SATISFIED;
}

}  // namespace

absl::StatusOr<WhistleRow> WhistleStore::Load(sql::Reader& reader, absl::string_view name) const {
  WhistleRow loaded;
  const absl::string_view county = domain::CountyOf(name);
  BAIMI_ASSIGN_OR_RETURN(
      const bool found,
      reader.QueryOne(kLoad, {county, LastSegment(name)},
                      [&](const sql::Row& row) { return Open(*vault_, county, row, &loaded); }));
  if (!found) {
    return NotFound(name);
  }
  return loaded;
}

absl::Status WhistleStore::Write(sql::Tx& tx, const WhistleRow& row, bool is_new) const {
  const v1::Whistle& whistle = row.whistle;
  const absl::string_view county = domain::CountyOf(whistle.name());
  const int64_t open = whistle.state() == v1::WHISTLE_OPEN ? 1 : 0;
  BAIMI_ASSIGN_OR_RETURN(const privacy::SealedMessage sealed,
                         vault_->Seal(row.key, whistle, Context(whistle.name())));
  BAIMI_RETURN_IF_ERROR(
      tx.Execute(kSave, {county, LastSegment(whistle.name()), row.seq, open, row.key,
                         sql::Param::Bytes(sealed.open), sql::Param::Bytes(sealed.sealed)})
          .status());
  const int64_t day = domain::FigureDay(domain::FromProto(whistle.create_time()));
  for (const v1::WhistleCall& call : whistle.calls()) {
    BAIMI_RETURN_IF_ERROR(
        tx.Execute(
              kSaveCall,
              {county, day, row.seq, call.unit(), whistle.unit(), int64_t{call.has_report_time()},
               int64_t{domain::ReportedInTime(whistle, call)}, int64_t{call.has_answer_time()},
               int64_t{call.rating()}, int64_t{call.rating_back()}})
            .status());
    if (is_new || open == 0) {
      BAIMI_RETURN_IF_ERROR(tx.Execute(kSaveUnit, {county, call.unit(), row.seq, open}).status());
    }
  }
  if (is_new || open == 0) {
    return tx.Execute(kSaveUnit, {county, whistle.unit(), row.seq, open}).status();
  }
  return absl::OkStatus();
}

absl::Status WhistleStore::Insert(sql::Tx& tx, const WhistleRow& row) const {
  return Write(tx, row, /*is_new=*/true);
}

absl::Status WhistleStore::Update(sql::Tx& tx, const WhistleRow& row) const {
  return Write(tx, row, /*is_new=*/false);
}

absl::StatusOr<std::vector<WhistleRow>> WhistleStore::List(sql::Reader& reader,
                                                           absl::string_view county,
                                                           absl::string_view unit, bool open_only,
                                                           int64_t below, int limit) const {
  std::vector<WhistleRow> rows;
  below = below == 0 ? kAboveAll : below;
  const auto take = [&](const sql::Row& row) {
    return Open(*vault_, county, row, &rows.emplace_back());
  };
  if (unit.empty()) {
    BAIMI_RETURN_IF_ERROR(
        reader.Query(open_only ? kListOpen : kList, {county, below, limit}, take));
    return rows;
  }
  std::vector<int64_t> seqs;
  BAIMI_RETURN_IF_ERROR(reader.Query(open_only ? kOpenOfUnit : kOfUnit,
                                     {county, unit, below, limit}, [&](const sql::Row& row) {
                                       seqs.push_back(row.Int64(0));
                                       return absl::OkStatus();
                                     }));
  for (const int64_t seq : seqs) {
    BAIMI_RETURN_IF_ERROR(reader.QueryOne(kBySeq, {county, seq}, take).status());
  }
  return rows;
}

absl::StatusOr<std::map<std::string, v1::WhistleScore>> WhistleStore::Scores(
    sql::Reader& reader, absl::string_view county, int32_t from_day, int32_t to_day) const {
  std::map<std::string, v1::WhistleScore> scores;
  std::map<std::string, int64_t> last_seq;
  const auto of = [&](absl::string_view unit) -> v1::WhistleScore& {
    v1::WhistleScore& score = scores[std::string(unit)];
    score.set_unit(std::string(unit));
    return score;
  };
  BAIMI_RETURN_IF_ERROR(
      reader.Query(kCalls, {county, int64_t{from_day}, int64_t{to_day}}, [&](const sql::Row& row) {
        v1::WhistleScore& whistler = of(row.Text(2));
        int64_t& last = last_seq[whistler.unit()];
        whistler.set_whistles(whistler.whistles() + (last == row.Int64(0) ? 0 : 1));
        last = row.Int64(0);
        whistler.set_calls_made(whistler.calls_made() + 1);
        whistler.set_ratings_back(whistler.ratings_back() + (row.Int64(7) != 0 ? 1 : 0));
        whistler.set_ratings_back_satisfied(whistler.ratings_back_satisfied() +
                                            (IsSatisfied(row.Int64(7)) ? 1 : 0));
        v1::WhistleScore& called = of(row.Text(1));
        called.set_called(called.called() + 1);
        called.set_reported(called.reported() + row.Int64(3));
        called.set_reported_in_time(called.reported_in_time() + row.Int64(4));
        called.set_answered(called.answered() + row.Int64(5));
        called.set_ratings(called.ratings() + (row.Int64(6) != 0 ? 1 : 0));
        called.set_ratings_satisfied(called.ratings_satisfied() +
                                     (IsSatisfied(row.Int64(6)) ? 1 : 0));
        return absl::OkStatus();
      }));
  return scores;
}

}  // namespace baimi::ticket::store
