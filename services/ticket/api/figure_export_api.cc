#include "services/ticket/api/figure_export_api.h"

#include <memory>
#include <utility>

#include "common/base/status_macros.h"
#include "services/ticket/api/export_file.h"
#include "services/ticket/domain/export.h"
#include "services/ticket/domain/figure_table.h"
#include "services/ticket/domain/proto_time.h"

namespace baimi::ticket::api {

Async<v1::FigureFile> FigureExportApi::Export(const Call& call,
                                              const v1::ExportFiguresRequest& request) {
  v1::GetFiguresRequest wanted;
  wanted.set_parent(request.parent());
  wanted.set_from_date(request.from_date());
  wanted.set_to_date(request.to_date());
  wanted.set_grouping(request.grouping());
  wanted.set_subtree(request.subtree());
  wanted.set_category(request.category());
  BAIMI_ASSIGN_OR_RETURN(const v1::GetFiguresResponse figures,
                         tickets_->Figures(call, wanted).Wait());

  v1::FigureFile file;
  file.set_file_name(
      domain::FigureFileName(request.from_date(), request.to_date(), request.format()));
  file.set_media_type(std::string(domain::MediaType(request.format())));
  file.set_as_of_seq(figures.as_of_seq());
  BAIMI_ASSIGN_OR_RETURN(
      const std::unique_ptr<ExportFile> sheet,
      NewSheetFile(
          {.format = request.format(), .created = domain::ToProto(call.now), .name = "指标"},
          domain::FigureHeaders(request.grouping()), "", [&file](absl::string_view bytes) {
            file.mutable_content()->append(bytes.data(), bytes.size());
            return absl::OkStatus();
          }));
  for (const v1::Figures& row : figures.figures()) {
    BAIMI_RETURN_IF_ERROR(sheet->AddRow(domain::FigureCells(row)));
  }
  BAIMI_RETURN_IF_ERROR(sheet->Finish());
  return file;
}

}  // namespace baimi::ticket::api
