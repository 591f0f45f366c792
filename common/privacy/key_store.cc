#include "common/privacy/key_store.h"

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/privacy/cipher.h"
#include "common/privacy/key_ring.h"

namespace baimi::privacy {
namespace {

constexpr sql::Statement kReserve = {
    "privacy.reserve_ids",
    "UPDATE data_key_counter SET next_id = next_id + $1 WHERE one = 1 RETURNING next_id"};
constexpr sql::Statement kInsert = {
    "privacy.insert_key",
    "INSERT INTO data_keys (id, wrapped, master_id, created_us) VALUES ($1, $2, $3, $4)"};
constexpr sql::Statement kLoad = {"privacy.load_key",
                                  "SELECT wrapped, master_id FROM data_keys WHERE id = $1"};
constexpr sql::Statement kNewest = {"privacy.newest_key",
                                    "SELECT id, wrapped, master_id FROM data_keys "
                                    "WHERE destroyed_us IS NULL ORDER BY id DESC LIMIT 1"};
constexpr sql::Statement kDestroy = {"privacy.destroy_key",
                                     "UPDATE data_keys SET wrapped = NULL, destroyed_us = $2 "
                                     "WHERE id = $1 AND destroyed_us IS NULL"};
constexpr sql::Statement kExists = {"privacy.key_exists", "SELECT id FROM data_keys WHERE id = $1"};
constexpr sql::Statement kStale = {"privacy.stale_keys",
                                   "SELECT id, wrapped, master_id FROM data_keys "
                                   "WHERE id > $1 AND master_id <> $2 AND destroyed_us IS NULL "
                                   "ORDER BY id LIMIT $3 /*for update*/"};
constexpr sql::Statement kRewrap = {
    "privacy.rewrap_key", "UPDATE data_keys SET wrapped = $2, master_id = $3 WHERE id = $1"};

constexpr sql::Migration kMigrations[] = {
    {1, "data keys",
     R"sql(
CREATE TABLE data_keys (
  id INTEGER PRIMARY KEY,
  wrapped BLOB,
  master_id TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  destroyed_us INTEGER,
  CHECK ((wrapped IS NULL) = (destroyed_us IS NOT NULL))
) STRICT;
CREATE TABLE data_key_counter (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  next_id INTEGER NOT NULL
) STRICT;
INSERT INTO data_key_counter (one, next_id) VALUES (1, 1);
)sql",
     R"sql(
CREATE TABLE data_keys (
  id bigint PRIMARY KEY,
  wrapped bytea,
  master_id text NOT NULL,
  created_us bigint NOT NULL,
  destroyed_us bigint,
  CHECK ((wrapped IS NULL) = (destroyed_us IS NOT NULL))
);
CREATE TABLE data_key_counter (
  one integer PRIMARY KEY CHECK (one = 1),
  next_id bigint NOT NULL
);
INSERT INTO data_key_counter (one, next_id) VALUES (1, 1);
)sql"},
};

// Ties a wrapped key to its row, so that rows cannot be exchanged.
std::string Binding(int64_t id) { return absl::StrCat("baimi data key ", id); }

absl::Status Shredded(int64_t id) {
  return Error(absl::StatusCode::kFailedPrecondition, type::v1::ERROR_REASON_DATA_SHREDDED,
               "personal data: got a destroyed key, want data that was not lawfully deleted",
               "个人信息已依法删除，无法恢复")
      .With("key", absl::StrCat(id));
}

}  // namespace

absl::Span<const sql::Migration> KeyRingMigrations() { return kMigrations; }

sql::Options KeyStore::Bounded() const {
  // Real time on purpose: the bound is on the database, not on the simulated day.
  sql::Options options;
  options.deadline = SystemClock().Now() + timeout_;
  return options;
}

std::string KeyStore::Wrap(int64_t id, absl::string_view key) {
  std::string wrapped = rng_->Bytes(kGcmNonceSize);
  wrapped += AesGcmSeal(masters_->current().bytes, wrapped, Binding(id), "", key);
  return wrapped;
}

absl::StatusOr<std::string> KeyStore::Unwrap(int64_t id, absl::string_view master_id,
                                             absl::string_view wrapped) const {
  const MasterKeys::Key* master = masters_->Find(master_id);
  if (master == nullptr) {
    return Internal(absl::StrCat("data key ", id, ": its master key ", master_id,
                                 " is not in the master key file"));
  }
  if (wrapped.size() > kGcmNonceSize) {
    const auto key = AesGcmOpen(master->bytes, wrapped.substr(0, kGcmNonceSize), Binding(id), "",
                                wrapped.substr(kGcmNonceSize));
    if (key && key->size() == kKeySize) {
      return *key;
    }
  }
  return Internal(absl::StrCat("data key ", id, ": does not unwrap under master key ", master_id,
                               "; another key of that id, or the row was changed"));
}

absl::StatusOr<std::vector<DataKey>> KeyStore::Create(int count, absl::Time now) {
  std::vector<DataKey> keys;
  const absl::Status status = database_->Write(Bounded(), [&](sql::Tx& tx) -> absl::Status {
    keys.clear();
    int64_t next = 0;
    BAIMI_ASSIGN_OR_RETURN(const bool found,
                           tx.QueryOne(kReserve, {{count}}, [&](const sql::Row& row) {
                             next = row.Int64(0);
                             return absl::OkStatus();
                           }));
    if (!found) {
      return Internal("data_key_counter: got no row, want one");
    }
    for (int64_t id = next - count; id < next; ++id) {
      keys.push_back({id, rng_->Bytes(kKeySize)});
      const std::string wrapped = Wrap(id, keys.back().bytes);
      BAIMI_RETURN_IF_ERROR(tx.Queue(kInsert, {{id, sql::Param::Bytes(wrapped),
                                                masters_->current().id, sql::Param::Time(now)}}));
    }
    return absl::OkStatus();
  });
  if (!status.ok()) {
    return status;
  }
  return keys;
}

absl::Status KeyStore::Check() {
  absl::Status unwrapped;
  BAIMI_RETURN_IF_ERROR(database_->Read(Bounded(), [&](sql::Reader& reader) {
    return reader
        .QueryOne(kNewest, {},
                  [&](const sql::Row& row) {
                    unwrapped = Unwrap(row.Int64(0), row.Text(2), row.Bytes(1)).status();
                    return absl::OkStatus();
                  })
        .status();
  }));
  if (unwrapped.ok()) {
    return unwrapped;
  }
  return absl::FailedPreconditionError(
      absl::StrCat(unwrapped.message(),
                   "; want the master key file that this key database was "
                   "made with (主密钥文件与密钥库不符)"));
}

absl::StatusOr<std::string> KeyStore::Load(int64_t id) {
  absl::StatusOr<std::string> key =
      Internal(absl::StrCat("data key ", id, ": got none, want one in data_keys"));
  BAIMI_RETURN_IF_ERROR(database_->Read(Bounded(), [&](sql::Reader& reader) {
    return reader
        .QueryOne(kLoad, {{id}},
                  [&](const sql::Row& row) {
                    if (row.IsNull(0)) {
                      key = Shredded(id);
                    } else {
                      key = Unwrap(id, row.Text(1), row.Bytes(0));
                    }
                    return absl::OkStatus();
                  })
        .status();
  }));
  return key;
}

absl::Status KeyStore::Destroy(int64_t id, absl::Time now) {
  return database_->Write(Bounded(), [&](sql::Tx& tx) -> absl::Status {
    BAIMI_ASSIGN_OR_RETURN(const int64_t changed,
                           tx.Execute(kDestroy, {{id, sql::Param::Time(now)}}));
    if (changed > 0) {
      return absl::OkStatus();
    }
    BAIMI_ASSIGN_OR_RETURN(const bool exists, tx.QueryOne(kExists, {{id}}, [](const sql::Row&) {
      return absl::OkStatus();
    }));
    return exists ? absl::OkStatus() : NotFound(absl::StrCat("data key ", id));
  });
}

absl::StatusOr<int64_t> KeyStore::Rewrap(int64_t& after, int limit) {
  struct Stale {
    int64_t id;
    std::string key;
  };
  std::vector<Stale> stale;
  const absl::Status status = database_->Write(Bounded(), [&](sql::Tx& tx) -> absl::Status {
    stale.clear();
    BAIMI_RETURN_IF_ERROR(tx.Query(
        kStale, {{after, masters_->current().id, limit}}, [&](const sql::Row& row) -> absl::Status {
          BAIMI_ASSIGN_OR_RETURN(std::string key, Unwrap(row.Int64(0), row.Text(2), row.Bytes(1)));
          stale.push_back({row.Int64(0), std::move(key)});
          return absl::OkStatus();
        }));
    for (const Stale& entry : stale) {
      const std::string wrapped = Wrap(entry.id, entry.key);
      BAIMI_RETURN_IF_ERROR(
          tx.Queue(kRewrap, {{entry.id, sql::Param::Bytes(wrapped), masters_->current().id}}));
    }
    return absl::OkStatus();
  });
  BAIMI_RETURN_IF_ERROR(status);
  if (!stale.empty()) {
    after = stale.back().id;
  }
  return static_cast<int64_t>(stale.size());
}

}  // namespace baimi::privacy
