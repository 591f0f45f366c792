// Writes JSON in the order it is told. For documents we make ourselves; messages are printed by
// message_printer.h.
#ifndef BAIMI_COMMON_TRANSCODE_JSON_WRITER_H_
#define BAIMI_COMMON_TRANSCODE_JSON_WRITER_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace baimi::transcode {

// Appends `text` as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD.
void AppendJsonString(absl::string_view text, std::string& out);

// The caller balances Begin and End and puts a Key before every value inside an object.
class JsonWriter {
 public:
  // `indent` spaces a level; 0 writes everything on one line.
  explicit JsonWriter(int indent = 0) : indent_(indent) {}

  JsonWriter& BeginObject() { return Open('{'); }
  JsonWriter& EndObject() { return Close('}'); }
  JsonWriter& BeginArray() { return Open('['); }
  JsonWriter& EndArray() { return Close(']'); }
  JsonWriter& Key(absl::string_view key);
  JsonWriter& String(absl::string_view value);
  JsonWriter& Int(int64_t value);
  // Integral values are written without a fraction. Must be finite.
  JsonWriter& Double(double value);
  JsonWriter& Bool(bool value);
  // `json` is one complete value.
  JsonWriter& Raw(absl::string_view json);

  // Key and String in one.
  JsonWriter& Field(absl::string_view key, absl::string_view value) {
    return Key(key).String(value);
  }

  std::string Take() { return std::move(out_); }

 private:
  JsonWriter& Open(char c);
  JsonWriter& Close(char c);
  void Separate();
  void NewLine();

  const int indent_;
  std::string out_;
  int depth_ = 0;
  // A value stands before; a key stands before.
  bool comma_ = false;
  bool keyed_ = false;
};

}  // namespace baimi::transcode

#endif  // BAIMI_COMMON_TRANSCODE_JSON_WRITER_H_
