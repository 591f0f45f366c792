// Against a real server.
#include "common/redis/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/testing/redis/redis_server.h"

namespace baimi::redis {
namespace {

using ::baimi::fixture::RedisServer;

class ClientTest : public ::testing::Test {
 protected:
  void Start(baimi::fixture::RedisServerOptions options = {}) {
    auto server = RedisServer::Start(std::move(options));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  // Patient with a busy machine; tests of a server that does not answer are not.
  std::unique_ptr<Client> Open(absl::Duration limit = absl::Seconds(10), int connections = 4) {
    Options options;
    options.connect_timeout = limit;
    options.command_timeout = limit;
    options.connections = connections;
    options.password_file = server_->password_file();
    options.clock = &clock_;
    auto client = Client::Create(server_->uri(), options);
    EXPECT_TRUE(client.ok()) << client.status();
    return *std::move(client);
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1'795'000'000)};
  std::unique_ptr<RedisServer> server_;
};

TEST_F(ClientTest, Create_BadOptions_AreRefused) {
  Options good;
  good.clock = &clock_;
  EXPECT_TRUE(Client::Create("redis://127.0.0.1", good).ok());
  Options bad[] = {good, good, good, good};
  bad[0].clock = nullptr;
  bad[1].command_timeout = absl::ZeroDuration();
  bad[2].connections = 0;
  bad[3].user = "baimi";
  for (const Options& options : bad) {
    EXPECT_EQ(Client::Create("redis://127.0.0.1", options).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST_F(ClientTest, Call_Replies_AreTyped) {
  Start();
  const auto client = Open();
  EXPECT_EQ(client->Call({{"SET", "k", std::string("a\0b", 3)}})->text, "OK");
  EXPECT_EQ(client->Call({{"GET", "k"}})->text, std::string("a\0b", 3));
  EXPECT_EQ(client->Call({{"GET", "none"}})->kind, Reply::Kind::kNil);
  EXPECT_EQ(client->Call({{"STRLEN", "k"}})->integer, 3);
  EXPECT_EQ(client->Call({{"MGET", "k", "none"}})->array.size(), 2u);
}

TEST_F(ClientTest, Call_ErrorReply_IsAStatusAndTheConnectionStaysGood) {
  Start();
  const auto client = Open();
  ASSERT_TRUE(client->Call({{"SET", "k", "secret"}}).ok());
  const auto wrong = client->Call({{"LPUSH", "k", "secret"}});
  EXPECT_EQ(wrong.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(wrong.status().message(), "redis answered WRONGTYPE");
  EXPECT_EQ(client->Call({{"GET", "k"}})->text, "secret");
  EXPECT_TRUE(client->healthy());
}

TEST_F(ClientTest, Call_Tcp_Works) {
  Start({.tcp = true});
  Options options;
  options.connect_timeout = options.command_timeout = absl::Seconds(10);
  options.clock = &clock_;
  const auto client = Client::Create(absl::StrCat(server_->tcp_uri(), "/3"), options);
  ASSERT_TRUE(client.ok());
  ASSERT_TRUE((*client)->Call({{"SET", "in", "three"}}).ok());
  EXPECT_EQ(server_->Command({{"GET", "in"}})->kind, Reply::Kind::kNil);
}

TEST_F(ClientTest, Run_ScriptUnknownToTheServer_IsSentOnce) {
  Start();
  const auto client = Open();
  const Script script("return redis.call('INCRBY', KEYS[1], ARGV[1])");
  EXPECT_EQ(client->Run(script, {"n"}, {"5"})->integer, 5);
  EXPECT_EQ(client->Run(script, {"n"}, {"2"})->integer, 7);
  ASSERT_TRUE(server_->Command({{"SCRIPT", "FLUSH"}}).ok());
  EXPECT_EQ(client->Run(script, {"n"}, {"1"})->integer, 8);
}

TEST_F(ClientTest, Auth_RightPassword_Works) {
  Start({.password = "hunter2 with blanks"});
  EXPECT_EQ(Open()->Call({{"PING"}})->text, "PONG");
}

TEST_F(ClientTest, Auth_WrongOrMissingPassword_IsUnavailableAndNotRepeated) {
  Start({.password = "hunter2"});
  Options options;
  options.connect_timeout = options.command_timeout = absl::Seconds(10);
  options.clock = &clock_;
  options.password_file = ::testing::TempDir() + "/wrong-password";
  std::ofstream(options.password_file) << "hunter3\n";
  for (const std::string& file : {std::string(), options.password_file, std::string("/nowhere")}) {
    options.password_file = file;
    const auto reply = (*Client::Create(server_->uri(), options))->Call({{"PING"}});
    EXPECT_EQ(reply.status().code(), absl::StatusCode::kUnavailable) << reply.status();
    EXPECT_THAT(std::string(reply.status().message()),
                ::testing::Not(::testing::HasSubstr("hunter")));
  }
}

TEST_F(ClientTest, Killed_BreakerOpensAndNoCallIsMade) {
  Start();
  const auto client = Open();
  ASSERT_TRUE(client->Call({{"PING"}}).ok());
  server_->Kill();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(client->Call({{"PING"}}).status().code(), absl::StatusCode::kUnavailable);
  }
  EXPECT_FALSE(client->healthy());
  ASSERT_TRUE(server_->Restart().ok());
  EXPECT_FALSE(client->Call({{"PING"}}).ok());
  clock_.Advance(absl::Milliseconds(500));
  EXPECT_TRUE(client->Call({{"PING"}}).ok());
  EXPECT_TRUE(client->healthy());
}

TEST_F(ClientTest, KilledAndRestarted_DeadConnectionsOfThePoolCostNoError) {
  Start();
  const auto client = Open();
  ASSERT_TRUE(client->Call({{"PING"}}).ok());
  ASSERT_TRUE(server_->Restart().ok());
  EXPECT_TRUE(client->Call({{"PING"}}).ok());
}

TEST_F(ClientTest, Paused_GivesUpInTimeAndRecovers) {
  Start();
  const auto client = Open(absl::Milliseconds(20));
  server_->Pause();
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(client->Call({{"PING"}}).ok());
  }
  EXPECT_FALSE(client->healthy());
  server_->Resume();
  // Half-open calls of 20 ms: on a busy machine more than one may be too slow.
  bool answered = false;
  for (int i = 0; i < 500 && !answered; ++i) {
    clock_.Advance(absl::Milliseconds(500));
    answered = client->Call({{"PING"}}).ok();
  }
  EXPECT_TRUE(answered);
}

TEST_F(ClientTest, Threads_MoreThanConnections_Share) {
  Start();
  const auto client = Open(absl::Seconds(30), /*connections=*/2);
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&client, &right, t] {
      for (int i = 0; i < 100; ++i) {
        const std::string word = absl::StrCat(t, "/", i);
        const auto reply = client->Call({{"ECHO", word}});
        right += reply.ok() && reply->text == word ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(right, 800);
  const auto clients = server_->Command({{"CLIENT", "LIST"}});
  ASSERT_TRUE(clients.ok());
  EXPECT_LE(std::count(clients->text.begin(), clients->text.end(), '\n'), 3);
}

}  // namespace
}  // namespace baimi::redis
