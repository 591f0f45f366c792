#include "services/ticket/store/number_block_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::store {
namespace {

#define BAIMI_BLOCKS \
  "SELECT id, body, sealed, key_id, seq FROM number_blocks WHERE county = $1 AND "
constexpr sql::Statement kLoad = {"number_blocks.load", BAIMI_BLOCKS "id = $2"};
constexpr sql::Statement kOpenOf = {"number_blocks.open_of",
                                    BAIMI_BLOCKS "phone = $2 AND open = 1"};
constexpr sql::Statement kList = {"number_blocks.list",
                                  BAIMI_BLOCKS "seq < $2 ORDER BY seq DESC LIMIT $3"};
#undef BAIMI_BLOCKS
constexpr sql::Statement kInsert = {
    "number_blocks.insert",
    "INSERT INTO number_blocks (county, id, seq, phone, open, key_id, body, sealed) "
    "VALUES ($1, $2, $3, $4, 1, $5, $6, $7) ON CONFLICT (county, phone) WHERE open = 1 "
    "DO NOTHING"};
constexpr sql::Statement kUpdate = {
    "number_blocks.update",
    "UPDATE number_blocks SET open = $3, body = $4, sealed = $5 WHERE county = $1 AND id = $2"};

constexpr int64_t kAboveAll = int64_t{1} << 60;

std::string Context(absl::string_view name) { return absl::StrCat("row:", name); }

}  // namespace

absl::Status NumberBlockStore::Open(absl::string_view county, const sql::Row& row,
                                    NumberBlockRow* out) const {
  out->key = row.Int64(3);
  out->seq = row.Int64(4);
  const std::string name = absl::StrCat("counties/", county, "/numberBlocks/", row.Text(0));
  const absl::Status opened = vault_->Open(row.Bytes(1), row.Bytes(2), Context(name), &out->block);
  return ReasonOf(opened) == "DATA_SHREDDED" ? absl::OkStatus() : opened;
}

absl::StatusOr<NumberBlockRow> NumberBlockStore::Load(sql::Reader& reader,
                                                      absl::string_view name) const {
  NumberBlockRow loaded;
  const absl::string_view county = domain::CountyOf(name);
  BAIMI_ASSIGN_OR_RETURN(const bool found, reader.QueryOne(kLoad, {county, LastSegment(name)},
                                                           [&](const sql::Row& row) {
                                                             return Open(county, row, &loaded);
                                                           }));
  if (!found) {
    return NotFound(name);
  }
  return loaded;
}

absl::StatusOr<std::optional<NumberBlockRow>> NumberBlockStore::OpenOf(
    sql::Reader& reader, absl::string_view county, absl::string_view phone) const {
  NumberBlockRow loaded;
  BAIMI_ASSIGN_OR_RETURN(
      const bool found,
      reader.QueryOne(kOpenOf, {county, sql::Param::Bytes(phone)},
                      [&](const sql::Row& row) { return Open(county, row, &loaded); }));
  return found ? std::optional(std::move(loaded)) : std::nullopt;
}

absl::StatusOr<bool> NumberBlockStore::Insert(sql::Tx& tx, const NumberBlockRow& row,
                                              absl::string_view phone) const {
  const v1::NumberBlock& block = row.block;
  BAIMI_ASSIGN_OR_RETURN(const privacy::SealedMessage sealed,
                         vault_->Seal(row.key, block, Context(block.name())));
  BAIMI_ASSIGN_OR_RETURN(
      const int64_t rows,
      tx.Execute(kInsert, {domain::CountyOf(block.name()), LastSegment(block.name()), row.seq,
                           sql::Param::Bytes(phone), row.key, sql::Param::Bytes(sealed.open),
                           sql::Param::Bytes(sealed.sealed)}));
  return rows == 1;
}

absl::Status NumberBlockStore::Update(sql::Tx& tx, const NumberBlockRow& row, bool open) const {
  const v1::NumberBlock& block = row.block;
  BAIMI_ASSIGN_OR_RETURN(const privacy::SealedMessage sealed,
                         vault_->Seal(row.key, block, Context(block.name())));
  BAIMI_ASSIGN_OR_RETURN(
      const int64_t rows,
      tx.Execute(kUpdate, {domain::CountyOf(block.name()), LastSegment(block.name()), int64_t{open},
                           sql::Param::Bytes(sealed.open), sql::Param::Bytes(sealed.sealed)}));
  return rows == 1 ? absl::OkStatus() : Internal("number block: the row to update vanished");
}

absl::StatusOr<std::vector<NumberBlockRow>> NumberBlockStore::List(sql::Reader& reader,
                                                                   absl::string_view county,
                                                                   int64_t below, int limit) const {
  std::vector<NumberBlockRow> rows;
  BAIMI_RETURN_IF_ERROR(
      reader.Query(kList, {county, below == 0 ? kAboveAll : below, limit},
                   [&](const sql::Row& row) { return Open(county, row, &rows.emplace_back()); }));
  return rows;
}

}  // namespace baimi::ticket::store
