#include "common/transcode/path_template.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/transcode/url.h"

namespace baimi::transcode {
namespace {

class Parser {
 public:
  explicit Parser(absl::string_view text) : text_(text) {}

  absl::StatusOr<PathTemplate> Run() {
    if (!Eat('/')) {
      return Bad("want '/'");
    }
    BAIMI_RETURN_IF_ERROR(Segments(/*inside=*/false));
    if (Eat(':')) {
      BAIMI_ASSIGN_OR_RETURN(out_.verb, Literal());
    }
    if (pos_ != text_.size()) {
      return Bad("want '/', ':' or the end");
    }
    for (size_t i = 0; i + 1 < out_.segments.size(); ++i) {
      if (out_.segments[i].kind == PathSegment::kMany) {
        return absl::InvalidArgumentError(
            absl::StrCat("path template \"", text_, "\": ** must be the last segment"));
      }
    }
    return std::move(out_);
  }

 private:
  absl::Status Bad(absl::string_view want) const {
    return absl::InvalidArgumentError(
        absl::StrCat("path template \"", text_, "\", byte ", pos_, ": ", want));
  }
  char Peek() const { return pos_ < text_.size() ? text_[pos_] : '\0'; }
  bool Eat(char c) {
    if (Peek() != c || pos_ >= text_.size()) {
      return false;
    }
    ++pos_;
    return true;
  }

  absl::Status Segments(bool inside) {
    do {
      BAIMI_RETURN_IF_ERROR(Segment(inside));
    } while (Eat('/'));
    return absl::OkStatus();
  }

  absl::Status Segment(bool inside) {
    if (Eat('*')) {
      const bool many = Eat('*');
      out_.segments.push_back({many ? PathSegment::kMany : PathSegment::kOne, ""});
      return absl::OkStatus();
    }
    if (Peek() == '{') {
      return inside ? Bad("want no variable inside a variable") : Variable();
    }
    BAIMI_ASSIGN_OR_RETURN(std::string literal, Literal());
    out_.segments.push_back({PathSegment::kLiteral, std::move(literal)});
    return absl::OkStatus();
  }

  absl::Status Variable() {
    ++pos_;
    PathVariable variable;
    BAIMI_ASSIGN_OR_RETURN(variable.field_path, FieldPathText());
    for (const PathVariable& other : out_.variables) {
      if (other.field_path == variable.field_path) {
        return Bad("want each variable once");
      }
    }
    variable.begin = out_.segments.size();
    if (Eat('=')) {
      BAIMI_RETURN_IF_ERROR(Segments(/*inside=*/true));
    } else {
      out_.segments.push_back({PathSegment::kOne, ""});
    }
    variable.end = out_.segments.size();
    if (!Eat('}')) {
      return Bad("want '}'");
    }
    out_.variables.push_back(std::move(variable));
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> FieldPathText() {
    const size_t start = pos_;
    do {
      if (!absl::ascii_isalpha(static_cast<unsigned char>(Peek())) && Peek() != '_') {
        return Bad("want a field name");
      }
      while (absl::ascii_isalnum(static_cast<unsigned char>(Peek())) || Peek() == '_') {
        ++pos_;
      }
    } while (Eat('.'));
    return std::string(text_.substr(start, pos_ - start));
  }

  absl::StatusOr<std::string> Literal() {
    constexpr absl::string_view kAlso = "-_.~%!$&'()+,;@";
    const size_t start = pos_;
    while (absl::ascii_isalnum(static_cast<unsigned char>(Peek())) ||
           (Peek() != '\0' && kAlso.find(Peek()) != absl::string_view::npos)) {
      ++pos_;
    }
    if (pos_ == start) {
      return Bad("want a literal, '*', '**' or '{'");
    }
    return PercentDecode(text_.substr(start, pos_ - start), Unescape::kAll, "path template");
  }

  const absl::string_view text_;
  size_t pos_ = 0;
  PathTemplate out_;
};

}  // namespace

std::string PathTemplate::Shape() const {
  std::string shape;
  for (const PathSegment& segment : segments) {
    absl::StrAppend(&shape, "/",
                    segment.kind == PathSegment::kLiteral ? segment.literal
                    : segment.kind == PathSegment::kOne   ? "*"
                                                          : "**");
  }
  if (!verb.empty()) {
    absl::StrAppend(&shape, ":", verb);
  }
  return shape;
}

bool PathTemplate::IsMulti(const PathVariable& variable) const {
  return variable.end - variable.begin != 1 || segments[variable.begin].kind == PathSegment::kMany;
}

absl::StatusOr<PathTemplate> ParsePathTemplate(absl::string_view text) {
  return Parser(text).Run();
}

}  // namespace baimi::transcode
