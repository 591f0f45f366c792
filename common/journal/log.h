// Reading the journal: history, feeds, verification.
#ifndef BAIMI_COMMON_JOURNAL_LOG_H_
#define BAIMI_COMMON_JOURNAL_LOG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baimi/type/v1/journal.pb.h"
#include "common/privacy/vault.h"
#include "common/sql/database.h"
#include "common/sql/migrate.h"
#include "google/protobuf/message.h"

namespace baimi::journal {

// Component "journal": heads, records, idempotency records.
absl::Span<const sql::Migration> JournalMigrations();

using RecordCallback = absl::FunctionRef<absl::Status(const type::v1::JournalRecord&)>;

// Records of a stream with seq > `after`, in order, at most `limit`.
absl::Status ReadStream(sql::Reader& reader, absl::string_view county, absl::string_view stream,
                        int64_t after, int limit, RecordCallback on_record);

// Records of one resource on the main stream, likewise.
absl::Status ReadResource(sql::Reader& reader, absl::string_view county, absl::string_view resource,
                          int64_t after, int limit, RecordCallback on_record);

// The last sequence; 0 when nothing was ever written.
absl::StatusOr<int64_t> HeadSeq(sql::Reader& reader, absl::string_view county,
                                absl::string_view stream);

// The end of a chain: the last sequence with its hash; 0 and 32 zero bytes at the beginning.
struct ChainEnd {
  int64_t seq = 0;
  std::string hash = std::string(32, '\0');
};
absl::StatusOr<ChainEnd> ReadChainEnd(sql::Reader& reader, absl::string_view county,
                                      absl::string_view stream);

// A record as it is stored, with the hash of the record before. NOT_FOUND when there is none.
struct StoredRecord {
  std::string bytes;
  std::string previous_hash;
};
absl::StatusOr<StoredRecord> ReadStored(sql::Reader& reader, absl::string_view county,
                                        absl::string_view stream, int64_t seq);

// Parses the event and opens its personal part. DATA_SHREDDED leaves the open part in `event`.
absl::Status OpenEvent(const privacy::Vault& vault, const type::v1::JournalRecord& record,
                       google::protobuf::Message* event);

struct ChainReport {
  std::string county;
  std::string stream;
  int64_t records = 0;
  // Hash of the last record, hex; of the head row when they agree.
  std::string head_hash;
};

// Recomputes every chain from the stored bytes and checks: sequences without gap from 1, each hash,
// the derived columns, the head row. The first contradiction is DATA_LOSS naming county, stream,
// seq and what differs. Also works on a file that no service has open.
absl::StatusOr<std::vector<ChainReport>> Verify(sql::Database& database);

}  // namespace baimi::journal

#endif  // BAIMI_COMMON_JOURNAL_LOG_H_
