#include "common/journal/log.h"

#include "absl/strings/escaping.h"
#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/journal/schema.h"
#include "common/journal/writer.h"

namespace baimi::journal {
namespace {

absl::Status Parse(absl::string_view bytes, type::v1::JournalRecord* record) {
  if (!record->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError("journal: a stored record does not parse");
  }
  return absl::OkStatus();
}

struct StoredHead {
  std::string county;
  std::string stream;
  int64_t seq;
  std::string hash;
};

absl::Status Broken(const StoredHead& head, int64_t seq, absl::string_view what) {
  return absl::DataLossError(absl::StrCat("journal of county ", head.county, ", stream ",
                                          head.stream, ", seq ", seq, ": ", what));
}

// Walks one chain in pages, so that a long journal needs little memory.
absl::Status VerifyChain(sql::Reader& reader, const StoredHead& head) {
  constexpr int kPage = 1000;
  std::string hash(32, '\0');
  int64_t last = 0;
  for (int64_t before = -1; before != last;) {
    before = last;
    BAIMI_RETURN_IF_ERROR(reader.Query(
        kReadStream, {head.county, head.stream, last, kPage},
        [&](const sql::Row& row) -> absl::Status {
          const absl::string_view bytes = row.Bytes(0);
          type::v1::JournalRecord record;
          BAIMI_RETURN_IF_ERROR(Parse(bytes, &record));
          const int64_t seq = row.Int64(2);
          if (seq != last + 1) {
            return Broken(head, seq, absl::StrCat("got this sequence, want ", last + 1));
          }
          hash = ChainHash(record.hash_algorithm(), hash, bytes);
          if (hash != row.Bytes(1)) {
            return Broken(head, seq, "the stored hash differs from the recomputed one");
          }
          if (record.seq() != seq || record.county() != head.county ||
              record.stream() != head.stream || record.resource() != row.Text(3) ||
              record.time_us() != row.Int64(4)) {
            return Broken(head, seq, "a column differs from the record it was made from");
          }
          last = seq;
          return absl::OkStatus();
        }));
  }
  if (last != head.seq) {
    return Broken(head, last, absl::StrCat("got this as the last record, want ", head.seq));
  }
  if (hash != head.hash) {
    return Broken(head, last, "the head's hash differs from the last record's");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadStream(sql::Reader& reader, absl::string_view county, absl::string_view stream,
                        int64_t after, int limit, RecordCallback on_record) {
  return reader.Query(kReadStream, {county, stream, after, limit},
                      [&](const sql::Row& row) -> absl::Status {
                        type::v1::JournalRecord record;
                        BAIMI_RETURN_IF_ERROR(Parse(row.Bytes(0), &record));
                        return on_record(record);
                      });
}

absl::Status ReadResource(sql::Reader& reader, absl::string_view county, absl::string_view resource,
                          int64_t after, int limit, RecordCallback on_record) {
  return reader.Query(kReadResource, {county, resource, after, limit},
                      [&](const sql::Row& row) -> absl::Status {
                        type::v1::JournalRecord record;
                        BAIMI_RETURN_IF_ERROR(Parse(row.Bytes(0), &record));
                        return on_record(record);
                      });
}

absl::StatusOr<int64_t> HeadSeq(sql::Reader& reader, absl::string_view county,
                                absl::string_view stream) {
  int64_t seq = 0;
  BAIMI_RETURN_IF_ERROR(reader
                            .QueryOne(kReadHead, {county, stream},
                                      [&](const sql::Row& row) {
                                        seq = row.Int64(0);
                                        return absl::OkStatus();
                                      })
                            .status());
  return seq;
}

absl::StatusOr<ChainEnd> ReadChainEnd(sql::Reader& reader, absl::string_view county,
                                      absl::string_view stream) {
  ChainEnd end;
  BAIMI_RETURN_IF_ERROR(reader
                            .QueryOne(kReadHeadHash, {county, stream},
                                      [&](const sql::Row& row) {
                                        end.seq = row.Int64(0);
                                        end.hash = std::string(row.Bytes(1));
                                        return absl::OkStatus();
                                      })
                            .status());
  return end;
}

absl::StatusOr<StoredRecord> ReadStored(sql::Reader& reader, absl::string_view county,
                                        absl::string_view stream, int64_t seq) {
  StoredRecord stored{.bytes = {}, .previous_hash = ChainEnd().hash};
  if (seq > 1) {
    BAIMI_RETURN_IF_ERROR(reader
                              .QueryOne(kHashAt, {county, stream, seq - 1},
                                        [&](const sql::Row& row) {
                                          stored.previous_hash = std::string(row.Bytes(0));
                                          return absl::OkStatus();
                                        })
                              .status());
  }
  bool found = false;
  BAIMI_RETURN_IF_ERROR(
      reader.Query(kReadStream, {county, stream, seq - 1, 1}, [&](const sql::Row& row) {
        found = row.Int64(2) == seq;
        stored.bytes = std::string(row.Bytes(0));
        return absl::OkStatus();
      }));
  if (!found) {
    return NotFound(absl::StrCat("counties/", county, "/journal/", stream, "/", seq));
  }
  return stored;
}

absl::Status OpenEvent(const privacy::Vault& vault, const type::v1::JournalRecord& record,
                       google::protobuf::Message* event) {
  if (record.type() != event->GetDescriptor()->full_name()) {
    return Internal(absl::StrCat("journal: got event ", record.type(), ", want ",
                                 event->GetDescriptor()->full_name()));
  }
  return vault.Open(record.payload(), record.sealed(), absl::StrCat("event:", record.resource()),
                    event);
}

absl::StatusOr<std::vector<ChainReport>> Verify(sql::Database& database) {
  std::vector<ChainReport> reports;
  BAIMI_RETURN_IF_ERROR(database.Read({}, [&](sql::Reader& reader) -> absl::Status {
    std::vector<StoredHead> heads;
    BAIMI_RETURN_IF_ERROR(reader.Query(kListHeads, {}, [&](const sql::Row& row) {
      heads.push_back({std::string(row.Text(0)), std::string(row.Text(1)), row.Int64(2),
                       std::string(row.Bytes(3))});
      return absl::OkStatus();
    }));
    BAIMI_RETURN_IF_ERROR(reader
                              .QueryOne(kOrphans, {},
                                        [&](const sql::Row& row) {
                                          return absl::DataLossError(absl::StrCat(
                                              "journal of county ", std::string(row.Text(0)),
                                              ", stream ", std::string(row.Text(1)),
                                              ": got records, want a head row for them"));
                                        })
                              .status());
    for (const StoredHead& head : heads) {
      BAIMI_RETURN_IF_ERROR(VerifyChain(reader, head));
      reports.push_back({head.county, head.stream, head.seq, absl::BytesToHexString(head.hash)});
    }
    return absl::OkStatus();
  }));
  return reports;
}

}  // namespace baimi::journal
