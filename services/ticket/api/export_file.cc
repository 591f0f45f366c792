#include "services/ticket/api/export_file.h"

#include <sys/mman.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/export.h"

namespace baimi::ticket::api {
namespace {

// What is handed on at once.
constexpr size_t kPortion = 64 << 10;
// What every reader takes.
constexpr size_t kLongestCell = 32767;
constexpr double kColumnWidth = 18;

class CsvFile final : public ExportFile {
 public:
  explicit CsvFile(ExportSink sink) : sink_(std::move(sink)), waiting_(domain::kCsvMark) {}

  absl::Status AddRow(absl::Span<const std::string> cells) override {
    domain::AppendCsvRow(cells, &waiting_);
    return waiting_.size() < kPortion ? absl::OkStatus() : Flush();
  }
  absl::Status Finish() override { return Flush(); }

 private:
  absl::Status Flush() {
    BAIMI_RETURN_IF_ERROR(sink_(waiting_));
    waiting_.clear();
    return absl::OkStatus();
  }

  const ExportSink sink_;
  std::string waiting_;
};

absl::Status OfLibrary(lxw_error error) {
  if (error == LXW_NO_ERROR) {
    return absl::OkStatus();
  }
  const std::string text = absl::StrCat("xlsx: ", lxw_strerror(error));
  const bool passing = error == LXW_ERROR_CREATING_TMPFILE ||
                       error == LXW_ERROR_CREATING_XLSX_FILE ||
                       error == LXW_ERROR_ZIP_FILE_OPERATION || error == LXW_ERROR_ZIP_FILE_ADD ||
                       error == LXW_ERROR_ZIP_CLOSE;
  return passing ? absl::UnavailableError(text) : Internal(text);
}

// The library writes into a named file only: one in memory has a name under /proc.
class XlsxFile final : public ExportFile {
 public:
  XlsxFile(ExportSink sink, std::string scratch)
      : sink_(std::move(sink)), scratch_(std::move(scratch)) {}
  ~XlsxFile() override {
    if (book_ != nullptr) {
      (void)workbook_close(book_);
    }
    if (memory_ >= 0) {
      close(memory_);
    }
  }

  absl::Status Open(const ExportSheet& sheet, size_t columns) {
    memory_ = memfd_create("export", MFD_CLOEXEC);
    if (memory_ < 0) {
      return absl::UnavailableError("xlsx: no memory for a file");
    }
    lxw_workbook_options options = {};
    options.constant_memory = LXW_TRUE;
    options.tmpdir = scratch_.empty() ? nullptr : scratch_.data();
    book_ = workbook_new_opt(absl::StrCat("/proc/self/fd/", memory_).c_str(), &options);
    sheet_ = book_ == nullptr ? nullptr : workbook_add_worksheet(book_, sheet.name.c_str());
    if (sheet_ == nullptr) {
      return absl::UnavailableError("xlsx: the library cannot begin");
    }
    lxw_doc_properties properties = {};
    properties.created = static_cast<time_t>(sheet.created.seconds());
    BAIMI_RETURN_IF_ERROR(OfLibrary(workbook_set_properties(book_, &properties)));
    return OfLibrary(worksheet_set_column(sheet_, 0, static_cast<lxw_col_t>(columns - 1),
                                          kColumnWidth, nullptr));
  }

  absl::Status AddRow(absl::Span<const std::string> cells) override {
    lxw_col_t column = 0;
    for (const std::string& cell : cells) {
      if (!cell.empty()) {
        BAIMI_RETURN_IF_ERROR(OfLibrary(
            worksheet_write_string(sheet_, row_, column, Shortened(cell).c_str(), nullptr)));
      }
      ++column;
    }
    ++row_;
    return absl::OkStatus();
  }

  absl::Status Finish() override {
    BAIMI_RETURN_IF_ERROR(OfLibrary(workbook_close(std::exchange(book_, nullptr))));
    std::string portion(kPortion, '\0');
    for (off_t at = 0;;) {
      const ssize_t n = pread(memory_, portion.data(), portion.size(), at);
      if (n < 0) {
        return Internal("xlsx: the file in memory cannot be read");
      }
      if (n == 0) {
        return absl::OkStatus();
      }
      BAIMI_RETURN_IF_ERROR(sink_(absl::string_view(portion.data(), static_cast<size_t>(n))));
      at += n;
    }
  }

 private:
  // Bytes are never fewer than characters; no field of an order is as long.
  static std::string Shortened(const std::string& cell) {
    size_t size = std::min(cell.size(), kLongestCell);
    while (size < cell.size() && size > 0 &&
           (static_cast<unsigned char>(cell[size]) & 0xC0) == 0x80) {
      --size;
    }
    return cell.substr(0, size);
  }

  const ExportSink sink_;
  std::string scratch_;
  int memory_ = -1;
  lxw_workbook* book_ = nullptr;
  lxw_worksheet* sheet_ = nullptr;
  lxw_row_t row_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ExportFile>> NewSheetFile(const ExportSheet& sheet,
                                                         absl::Span<const std::string> headers,
                                                         const std::string& scratch,
                                                         ExportSink sink) {
  std::unique_ptr<ExportFile> file;
  if (sheet.format == v1::XLSX) {
    auto xlsx = std::make_unique<XlsxFile>(std::move(sink), scratch);
    BAIMI_RETURN_IF_ERROR(xlsx->Open(sheet, headers.size()));
    file = std::move(xlsx);
  } else {
    file = std::make_unique<CsvFile>(std::move(sink));
  }
  BAIMI_RETURN_IF_ERROR(file->AddRow(headers));
  return file;
}

absl::StatusOr<std::unique_ptr<ExportFile>> NewExportFile(
    const v1::ExportMetadata& metadata, const std::vector<v1::ExportColumn>& columns,
    const std::string& scratch, ExportSink sink) {
  std::vector<std::string> headers;
  for (const v1::ExportColumn column : columns) {
    headers.emplace_back(domain::Header(column));
  }
  return NewSheetFile(
      {.format = metadata.format(), .created = metadata.create_time(), .name = "工单"}, headers,
      scratch, std::move(sink));
}

}  // namespace baimi::ticket::api
