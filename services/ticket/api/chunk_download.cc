#include "services/ticket/api/chunk_download.h"

#include "common/base/error.h"

namespace baimi::ticket::api {

absl::Status TooManyDownloads() {
  return Error(absl::StatusCode::kResourceExhausted, type::v1::ERROR_REASON_LANE_FULL,
               "downloads: got more than can be served, want fewer", "下载过多，请稍后再试")
      .RetryAfter(absl::Seconds(1));
}

absl::Status DownloadStopped() {
  return Error(absl::StatusCode::kUnavailable, type::v1::ERROR_REASON_SERVER_DRAINING,
               "the server is going away: go on at the last next_offset", "服务正在停止，请续传");
}

}  // namespace baimi::ticket::api
