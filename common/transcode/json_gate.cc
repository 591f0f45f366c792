#include "common/transcode/json_gate.h"

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/transcode/utf8.h"

namespace baimi::transcode {
namespace {

using type::v1::ErrorReason;

class Scanner {
 public:
  Scanner(absl::string_view text, const JsonLimits& limits, JsonVisitor* visitor)
      : text_(text), limits_(limits), visitor_(visitor) {}

  absl::Status Run() {
    BAIMI_RETURN_IF_ERROR(CheckDepth());
    SkipSpace();
    BAIMI_RETURN_IF_ERROR(Value());
    SkipSpace();
    if (pos_ != text_.size()) {
      return Bad("the end of the text", "正文结束");
    }
    return absl::OkStatus();
  }

 private:
  bool AtEnd() const { return pos_ >= text_.size(); }
  char Peek() const { return AtEnd() ? '\0' : text_[pos_]; }
  bool Eat(char c) {
    if (AtEnd() || text_[pos_] != c) {
      return false;
    }
    ++pos_;
    return true;
  }
  void SkipSpace() {
    while (!AtEnd() && (text_[pos_] == ' ' || text_[pos_] == '\n' || text_[pos_] == '\t' ||
                        text_[pos_] == '\r')) {
      ++pos_;
    }
  }

  std::string Got() const {
    if (AtEnd()) {
      return "the end of the text";
    }
    const unsigned char c = static_cast<unsigned char>(text_[pos_]);
    if (absl::ascii_isprint(c)) {
      return absl::StrCat("'", text_.substr(pos_, 1), "'");
    }
    return absl::StrCat("byte 0x", absl::Hex(c, absl::kZeroPad2));
  }

  absl::Status Bad(absl::string_view want, absl::string_view want_zh) const {
    return BadBecause(Got(), want, want_zh);
  }

  absl::Status BadBecause(absl::string_view got, absl::string_view want,
                          absl::string_view want_zh) const {
    return Refused(ErrorReason::ERROR_REASON_MALFORMED_BODY, got, want, want_zh);
  }

  Error Refused(ErrorReason reason, absl::string_view got, absl::string_view want,
                absl::string_view want_zh) const {
    size_t line = 1;
    size_t line_start = 0;
    for (size_t i = 0; i < pos_ && i < text_.size(); ++i) {
      if (text_[i] == '\n') {
        ++line;
        line_start = i + 1;
      }
    }
    const size_t column = pos_ - line_start + 1;
    const std::string what = absl::StrCat("got ", got, " at line ", line, ", column ", column,
                                          " (byte ", pos_, "), want ", want);
    return Error(absl::StatusCode::kInvalidArgument, reason, absl::StrCat("body: ", what),
                 absl::StrCat("请求正文第 ", line, " 行第 ", column, " 列（第 ", pos_,
                              " 字节）不合规：收到 ", got, "，应为 ", want_zh))
        .Field("body", what)
        .With("offset", absl::StrCat(pos_))
        .With("line", absl::StrCat(line))
        .With("column", absl::StrCat(column));
  }

  // A pass of its own: the visitor would refuse a deep text at its first field and hide the reason.
  // Up to its first defect a text is never deeper for Value than it is here.
  absl::Status CheckDepth() {
    bool in_string = false;
    int depth = 0;
    for (pos_ = 0; pos_ < text_.size(); ++pos_) {
      const char c = text_[pos_];
      if (in_string) {
        pos_ += c == '\\' ? 1 : 0;
        in_string = c != '"';
      } else if (c == '"') {
        in_string = true;
      } else if (c == ']' || c == '}') {
        --depth;
      } else if ((c == '[' || c == '{') && ++depth > limits_.max_depth) {
        return Refused(ErrorReason::ERROR_REASON_BODY_TOO_DEEP,
                       absl::StrCat("nesting of ", depth, " levels"),
                       absl::StrCat("at most ", limits_.max_depth),
                       absl::StrCat("最多 ", limits_.max_depth, " 层嵌套"))
            .With("limit", absl::StrCat(limits_.max_depth));
      }
    }
    pos_ = 0;
    return absl::OkStatus();
  }

  absl::Status Value() {
    switch (Peek()) {
      case '{':
        return Object();
      case '[':
        return Array();
      case '"':
        BAIMI_RETURN_IF_ERROR(String());
        return Emit(JsonKind::kString, scratch_);
      case 't':
        return Word("true", JsonKind::kBool);
      case 'f':
        return Word("false", JsonKind::kBool);
      case 'n':
        return Word("null", JsonKind::kNull);
      default:
        if (Peek() == '-' || absl::ascii_isdigit(static_cast<unsigned char>(Peek()))) {
          return Number();
        }
        return Bad("a JSON value", "一个 JSON 值");
    }
  }

  absl::Status Emit(JsonKind kind, absl::string_view text) {
    return visitor_ != nullptr ? visitor_->OnScalar(kind, text) : absl::OkStatus();
  }

  absl::Status Word(absl::string_view word, JsonKind kind) {
    if (text_.substr(pos_, word.size()) != word) {
      return Bad("true, false or null", "true、false 或 null");
    }
    pos_ += word.size();
    return Emit(kind, word);
  }

  absl::Status Key() {
    if (Peek() != '"') {
      return Bad("a key in double quotes", "双引号内的键");
    }
    const size_t start = pos_;
    BAIMI_RETURN_IF_ERROR(String());
    if (!keys_[static_cast<size_t>(depth_)].insert(scratch_).second) {
      pos_ = start;
      return BadBecause(
          absl::StrCat("the key \"", absl::Utf8SafeCEscape(Utf8Prefix(scratch_, 64)), "\" again"),
          "each key once", "每个键只出现一次");
    }
    if (visitor_ != nullptr) {
      BAIMI_RETURN_IF_ERROR(visitor_->OnKey(scratch_));
    }
    SkipSpace();
    if (!Eat(':')) {
      return Bad("':'", "冒号");
    }
    return absl::OkStatus();
  }

  absl::Status Object() {
    ++depth_;
    ++pos_;
    if (keys_.size() <= static_cast<size_t>(depth_)) {
      keys_.resize(static_cast<size_t>(depth_) + 1);
    }
    keys_[static_cast<size_t>(depth_)].clear();
    if (visitor_ != nullptr) {
      BAIMI_RETURN_IF_ERROR(visitor_->OnObjectBegin());
    }
    SkipSpace();
    if (!Eat('}')) {
      while (true) {
        BAIMI_RETURN_IF_ERROR(Key());
        SkipSpace();
        BAIMI_RETURN_IF_ERROR(Value());
        SkipSpace();
        if (Eat('}')) {
          break;
        }
        if (!Eat(',')) {
          return Bad("',' or '}'", "逗号或右花括号");
        }
        SkipSpace();
      }
    }
    --depth_;
    return visitor_ != nullptr ? visitor_->OnObjectEnd() : absl::OkStatus();
  }

  absl::Status Array() {
    ++depth_;
    ++pos_;
    if (visitor_ != nullptr) {
      BAIMI_RETURN_IF_ERROR(visitor_->OnArrayBegin());
    }
    SkipSpace();
    if (!Eat(']')) {
      while (true) {
        BAIMI_RETURN_IF_ERROR(Value());
        SkipSpace();
        if (Eat(']')) {
          break;
        }
        if (!Eat(',')) {
          return Bad("',' or ']'", "逗号或右方括号");
        }
        SkipSpace();
      }
    }
    --depth_;
    return visitor_ != nullptr ? visitor_->OnArrayEnd() : absl::OkStatus();
  }

  bool Digits() {
    const size_t start = pos_;
    while (absl::ascii_isdigit(static_cast<unsigned char>(Peek()))) {
      ++pos_;
    }
    return pos_ > start;
  }

  absl::Status Number() {
    const size_t start = pos_;
    Eat('-');
    if (!Eat('0') && !Digits()) {
      return Bad("a digit", "数字");
    }
    if (absl::ascii_isdigit(static_cast<unsigned char>(Peek()))) {
      return Bad("no digit after a leading zero", "前导零之后不得再有数字");
    }
    if (Eat('.') && !Digits()) {
      return Bad("a digit", "数字");
    }
    if (Eat('e') || Eat('E')) {
      if (!Eat('+')) {
        Eat('-');
      }
      if (!Digits()) {
        return Bad("a digit", "数字");
      }
    }
    return Emit(JsonKind::kNumber, text_.substr(start, pos_ - start));
  }

  absl::Status String() {
    scratch_.clear();
    ++pos_;
    while (!AtEnd()) {
      const unsigned char c = static_cast<unsigned char>(text_[pos_]);
      if (c == '"') {
        ++pos_;
        return absl::OkStatus();
      }
      if (c == '\\') {
        BAIMI_RETURN_IF_ERROR(Escape());
      } else if (c < 0x20) {
        return Bad("no control character inside a string", "字符串内无控制字符");
      } else {
        const size_t length = c < 0x80 ? 1 : Utf8CharLength(text_.substr(pos_));
        if (length == 0) {
          return Bad("valid UTF-8", "有效的 UTF-8");
        }
        scratch_.append(text_.data() + pos_, length);
        pos_ += length;
      }
    }
    return Bad("a closing '\"'", "右双引号");
  }

  absl::Status Escape() {
    constexpr absl::string_view kFrom = "\"\\/bfnrt";
    constexpr absl::string_view kTo = "\"\\/\b\f\n\r\t";
    ++pos_;
    if (Peek() == 'u') {
      return Unicode();
    }
    const size_t at = AtEnd() ? absl::string_view::npos : kFrom.find(text_[pos_]);
    if (at == absl::string_view::npos) {
      return Bad("one of \" \\ / b f n r t u after '\\'", "反斜杠后的有效转义字符");
    }
    scratch_.push_back(kTo[at]);
    ++pos_;
    return absl::OkStatus();
  }

  // At the 'u'; leaves pos_ after the four digits.
  absl::Status FourHex(uint32_t& value) {
    ++pos_;
    value = 0;
    for (int i = 0; i < 4; ++i, ++pos_) {
      const unsigned char c = static_cast<unsigned char>(Peek());
      if (!absl::ascii_isxdigit(c)) {
        return Bad("four hex digits after \\u", "\\u 后的四位十六进制数");
      }
      const uint32_t digit = absl::ascii_isdigit(c)
                                 ? c - '0'
                                 : static_cast<uint32_t>(absl::ascii_tolower(c)) - 'a' + 10;
      value = value * 16 + digit;
    }
    return absl::OkStatus();
  }

  absl::Status Unicode() {
    uint32_t code = 0;
    BAIMI_RETURN_IF_ERROR(FourHex(code));
    if (code >= 0xD800 && code < 0xDC00) {
      uint32_t low = 0;
      if (text_.substr(pos_, 2) == "\\u") {
        ++pos_;
        BAIMI_RETURN_IF_ERROR(FourHex(low));
      }
      if (low < 0xDC00 || low > 0xDFFF) {
        return BadBecause("a lone surrogate", "a surrogate pair", "成对的代理码元");
      }
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code <= 0xDFFF) {
      return BadBecause("a lone surrogate", "a surrogate pair", "成对的代理码元");
    }
    AppendUtf8(code, scratch_);
    return absl::OkStatus();
  }

  const absl::string_view text_;
  const JsonLimits limits_;
  JsonVisitor* const visitor_;
  size_t pos_ = 0;
  int depth_ = 0;
  std::string scratch_;
  std::vector<absl::flat_hash_set<std::string>> keys_;
};

}  // namespace

absl::Status ScanJson(absl::string_view text, const JsonLimits& limits, JsonVisitor* visitor) {
  if (text.size() > limits.max_bytes) {
    return Error(absl::StatusCode::kResourceExhausted, ErrorReason::ERROR_REASON_BODY_TOO_LARGE,
                 absl::StrCat("body: got ", text.size(), " bytes, want at most ", limits.max_bytes),
                 absl::StrCat("请求正文过大：收到 ", text.size(), " 字节，最多 ", limits.max_bytes,
                              " 字节"))
        .Field("body", absl::StrCat("got ", text.size(), " bytes, want at most ", limits.max_bytes))
        .With("limit", absl::StrCat(limits.max_bytes));
  }
  return Scanner(text, limits, visitor).Run();
}

}  // namespace baimi::transcode
