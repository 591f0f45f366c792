#include "common/redis/connection.h"

#include <sys/socket.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"

namespace baimi::redis {
namespace {

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using OwnedReply = std::unique_ptr<redisReply, FreeReply>;

Reply Convert(const redisReply& from) {
  Reply reply;
  switch (from.type) {
    case REDIS_REPLY_INTEGER:
      reply.kind = Reply::Kind::kInteger;
      reply.integer = from.integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      reply.kind = Reply::Kind::kText;
      reply.text.assign(from.str, from.len);
      break;
    case REDIS_REPLY_ARRAY:
      reply.kind = Reply::Kind::kArray;
      for (size_t i = 0; i < from.elements; ++i) {
        reply.array.push_back(Convert(*from.element[i]));
      }
      break;
    default:
      break;
  }
  return reply;
}

// Replies of a server that cannot serve anybody now: starting, failing over, a lost master.
bool IsUnavailable(absl::string_view error) {
  for (const absl::string_view prefix : {"LOADING", "MASTERDOWN", "READONLY", "CLUSTERDOWN",
                                         "TRYAGAIN", "BUSY", "NOAUTH", "WRONGPASS"}) {
    if (absl::StartsWith(error, prefix)) {
      return true;
    }
  }
  return absl::StrContains(error, "max number of clients");
}

// Messages of Redis quote arguments; the first word says what it is.
absl::Status ErrorReply(absl::string_view error) {
  const std::string text =
      absl::StrCat("redis answered ", absl::string_view(error).substr(0, error.find(' ')));
  if (absl::StartsWith(error, "OOM") || absl::StrContains(error, "OOM command not allowed")) {
    return absl::ResourceExhaustedError(text);
  }
  if (absl::StartsWith(error, "NOSCRIPT")) {
    return absl::NotFoundError(text);
  }
  return IsUnavailable(error) ? absl::UnavailableError(text) : absl::FailedPreconditionError(text);
}

absl::StatusOr<std::string> ReadPassword(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  std::string password = text.str();
  while (absl::EndsWith(password, "\n") || absl::EndsWith(password, "\r")) {
    password.pop_back();
  }
  if (!in || password.empty()) {
    return absl::UnavailableError(
        absl::StrCat("redis password file: got nothing readable at ", path, ", want a password"));
  }
  return password;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Uri& uri,
                                                             const Options& options) {
  const timeval limit = absl::ToTimeval(options.connect_timeout);
  redisContext* context = uri.path.empty()
                              ? redisConnectWithTimeout(uri.host.c_str(), uri.port, limit)
                              : redisConnectUnixWithTimeout(uri.path.c_str(), limit);
  if (context == nullptr) {
    return absl::UnavailableError("redis: no memory for a connection");
  }
  auto connection = std::unique_ptr<Connection>(new Connection(context));
  if (context->err != 0) {
    return connection->Broken();
  }
  if (redisSetTimeout(context, absl::ToTimeval(options.command_timeout)) != REDIS_OK) {
    return connection->Broken();
  }
  BAIMI_RETURN_IF_ERROR(connection->Prepare(uri, options));
  return connection;
}

absl::Status Connection::Prepare(const Uri& uri, const Options& options) {
  if (!options.password_file.empty()) {
    BAIMI_ASSIGN_OR_RETURN(const std::string password, ReadPassword(options.password_file));
    if (options.user.empty()) {
      BAIMI_RETURN_IF_ERROR(Call({{"AUTH", password}}).status());
    } else {
      BAIMI_RETURN_IF_ERROR(Call({{"AUTH", options.user, password}}).status());
    }
  }
  return uri.db == 0 ? absl::OkStatus() : Call({{"SELECT", absl::StrCat(uri.db)}}).status();
}

absl::Status Connection::Broken() {
  broken_ = true;
  const bool late = context_->err == REDIS_ERR_IO && (errno == EAGAIN || errno == ETIMEDOUT);
  const std::string text = absl::StrCat("redis: ", context_->errstr);
  return late ? absl::DeadlineExceededError(text) : absl::UnavailableError(text);
}

absl::Status Connection::Send(absl::Span<const absl::string_view> words) {
  std::vector<const char*> data;
  std::vector<size_t> sizes;
  for (const absl::string_view word : words) {
    data.push_back(word.data());
    sizes.push_back(word.size());
  }
  const int appended = redisAppendCommandArgv(context_.get(), static_cast<int>(words.size()),
                                              data.data(), sizes.data());
  return appended == REDIS_OK ? absl::OkStatus() : Broken();
}

absl::StatusOr<Reply> Connection::Receive() {
  void* raw = nullptr;
  if (redisGetReply(context_.get(), &raw) != REDIS_OK || raw == nullptr) {
    return Broken();
  }
  const OwnedReply reply(static_cast<redisReply*>(raw));
  if (reply->type == REDIS_REPLY_ERROR) {
    absl::Status error = ErrorReply(absl::string_view(reply->str, reply->len));
    broken_ = broken_ || absl::IsUnavailable(error);
    return error;
  }
  return Convert(*reply);
}

absl::StatusOr<Reply> Connection::Call(absl::Span<const absl::string_view> words) {
  BAIMI_RETURN_IF_ERROR(Send(words));
  return Receive();
}

absl::Status Connection::WaitForever() {
  const bool done = redisSetTimeout(context_.get(), timeval{}) == REDIS_OK &&
                    (context_->connection_type != REDIS_CONN_TCP ||
                     redisEnableKeepAlive(context_.get()) == REDIS_OK);
  return done ? absl::OkStatus() : Broken();
}

void Connection::Interrupt() { shutdown(context_->fd, SHUT_RDWR); }

}  // namespace baimi::redis
