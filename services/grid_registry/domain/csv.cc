#include "services/grid_registry/domain/csv.h"

#include <utility>

#include "absl/strings/strip.h"

namespace baimi::registry::domain {
namespace {

class Parser {
 public:
  explicit Parser(absl::string_view text) : text_(text) {}

  std::vector<CsvRecord> Run() {
    std::vector<CsvRecord> records;
    while (at_ < text_.size()) {
      if (TakeLineEnd()) {
        continue;
      }
      records.push_back(Record());
    }
    return records;
  }

 private:
  bool TakeLineEnd() {
    if (at_ >= text_.size() || (text_[at_] != '\n' && text_[at_] != '\r')) {
      return false;
    }
    at_ += text_.substr(at_, 2) == "\r\n" ? 2 : 1;
    ++line_;
    return true;
  }

  CsvRecord Record() {
    CsvRecord record;
    record.line = line_;
    for (;;) {
      record.fields.push_back(at_ < text_.size() && text_[at_] == '"' ? Quoted(&record.fault)
                                                                      : Plain(&record.fault));
      if (at_ >= text_.size() || TakeLineEnd()) {
        return record;
      }
      ++at_;  // The comma.
    }
  }

  std::string Plain(std::string* fault) {
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '\r') {
      if (text_[at_] == '"') {
        *fault = "a quote inside a field that does not begin with one";
      }
      ++at_;
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::string Quoted(std::string* fault) {
    std::string field;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"' && text_.substr(at_ + 1, 1) != "\"") {
        ++at_;
        if (const std::string rest = Plain(fault); !rest.empty()) {
          *fault = "text behind a closing quote";
        }
        return field;
      }
      at_ += c == '"' ? 1 : 0;
      line_ += c == '\n' ? 1 : 0;
      field.push_back(c);
    }
    *fault = "a quote that is never closed";
    return field;
  }

  const absl::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

std::vector<CsvRecord> ParseCsv(absl::string_view text) {
  absl::ConsumePrefix(&text, "\xEF\xBB\xBF");
  return Parser(text).Run();
}

}  // namespace baimi::registry::domain
