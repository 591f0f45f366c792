#include "common/redis/client.h"

#include <openssl/evp.h>

#include <csignal>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace baimi::redis {
namespace {

std::string Sha1(absl::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), size));
}

void IgnoreSigpipe() {
  struct sigaction action {};
  if (sigaction(SIGPIPE, nullptr, &action) == 0 && action.sa_handler == SIG_DFL) {
    std::signal(SIGPIPE, SIG_IGN);
  }
}

bool NotReached(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

}  // namespace

Script::Script(absl::string_view source) : source_(source), sha1_(Sha1(source)) {}

absl::StatusOr<std::unique_ptr<Client>> Client::Create(absl::string_view uri,
                                                       const Options& options) {
  BAIMI_ASSIGN_OR_RETURN(Uri parsed, ParseUri(uri));
  if (options.clock == nullptr) {
    return absl::InvalidArgumentError("redis options.clock: got none, want a clock");
  }
  if (options.connect_timeout <= absl::ZeroDuration() ||
      options.command_timeout <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError("redis options: got a time limit of 0 or less, want more");
  }
  if (options.connections < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("redis options.connections: got ", options.connections, ", want 1 or more"));
  }
  if (!options.user.empty() && options.password_file.empty()) {
    return absl::InvalidArgumentError("redis options.user: got a user, want a password file too");
  }
  IgnoreSigpipe();
  return std::unique_ptr<Client>(new Client(std::move(parsed), options));
}

absl::StatusOr<std::unique_ptr<Connection>> Client::Borrow(bool fresh, bool* reused) {
  {
    absl::MutexLock lock(&mu_);
    const auto free = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
      return borrowed_ < options_.connections;
    };
    if (!mu_.AwaitWithTimeout(absl::Condition(&free), options_.command_timeout)) {
      return absl::UnavailableError("redis: no connection came free in time");
    }
    ++borrowed_;
    *reused = !fresh && !idle_.empty();
    if (*reused) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  absl::StatusOr<std::unique_ptr<Connection>> opened = Connection::Open(uri_, options_);
  if (!opened.ok()) {
    Drop(/*all=*/false);
  }
  return opened;
}

void Client::Return(std::unique_ptr<Connection> connection) {
  absl::MutexLock lock(&mu_);
  --borrowed_;
  idle_.push_back(std::move(connection));
}

void Client::Drop(bool all) {
  std::vector<std::unique_ptr<Connection>> closed;
  absl::MutexLock lock(&mu_);
  --borrowed_;
  if (all) {
    closed.swap(idle_);
  }
}

absl::StatusOr<Reply> Client::Try(absl::Span<const absl::string_view> words, bool fresh,
                                  bool* reused) {
  BAIMI_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, Borrow(fresh, reused));
  absl::StatusOr<Reply> reply = connection->Call(words);
  if (connection->broken()) {
    // Its neighbours were opened to the same server and are as dead.
    Drop(/*all=*/true);
  } else {
    Return(std::move(connection));
  }
  return reply;
}

absl::StatusOr<Reply> Client::Call(absl::Span<const absl::string_view> words) {
  if (!breaker_.Allow()) {
    return absl::UnavailableError("redis: left alone after failures");
  }
  bool reused = false;
  absl::StatusOr<Reply> reply = Try(words, /*fresh=*/false, &reused);
  if (reused && absl::IsUnavailable(reply.status())) {
    // The server closed it while it was idle: it may be up all the same.
    reply = Try(words, /*fresh=*/true, &reused);
  }
  if (NotReached(reply.status())) {
    breaker_.Failure();
  } else {
    breaker_.Success();
  }
  return reply;
}

absl::StatusOr<Reply> Client::Run(const Script& script, const std::vector<absl::string_view>& keys,
                                  const std::vector<absl::string_view>& arguments) {
  const std::string count = absl::StrCat(keys.size());
  std::vector<absl::string_view> words = {"EVALSHA", script.sha1(), count};
  words.insert(words.end(), keys.begin(), keys.end());
  words.insert(words.end(), arguments.begin(), arguments.end());
  absl::StatusOr<Reply> reply = Call(words);
  if (absl::IsNotFound(reply.status())) {
    words[0] = "EVAL";
    words[1] = script.source();
    reply = Call(words);
  }
  return reply;
}

absl::StatusOr<std::unique_ptr<Connection>> Client::Dedicated() const {
  return Connection::Open(uri_, options_);
}

}  // namespace baimi::redis
