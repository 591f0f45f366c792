// RFC 4180 text to records. Pure, thread-safe.
#ifndef BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_CSV_H_
#define BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_CSV_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace baimi::registry::domain {

struct CsvRecord {
  // Line of the text in which the record begins, from 1.
  int line = 0;
  std::vector<std::string> fields;
  // What is wrong with its quotes; empty when nothing is. `fields` then holds what was read.
  std::string fault;
};

// Every record of `text`, the header included. Lines end in LF, CRLF or CR; a byte order mark at
// the beginning and lines without a character are skipped. A field in quotes may hold commas, line
// ends and doubled quotes. A quote that is never closed takes the rest of the text.
std::vector<CsvRecord> ParseCsv(absl::string_view text);

}  // namespace baimi::registry::domain

#endif  // BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_CSV_H_
