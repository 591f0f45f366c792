#include "tests/integration/watch.h"

namespace baimi::integration {

Watch::Watch(const Caller& caller, const std::string& cursor)
    : caller_(caller),
      stub_(ticket::v1::TicketService::NewStub(caller.channel())),
      cursor_(cursor) {
  Begin();
}

void Watch::Begin() {
  ++begun_;
  ended_.reset();
  context_ = std::make_unique<grpc::ClientContext>();
  caller_.Prepare(context_.get());
  ticket::v1::WatchTicketsRequest request;
  request.set_parent(kCounty);
  request.set_cursor(cursor_);
  reader_ = stub_->WatchTickets(context_.get(), request);
}

std::optional<ticket::v1::WatchTicketsResponse> Watch::Next() {
  ticket::v1::WatchTicketsResponse message;
  while (!reader_->Read(&message)) {
    const bool again = caller_.persistent() && !cancelled_ && begun_ < Persistence::kAttempts &&
                       Persistence::IsWorthRepeating(End());
    if (!again) {
      return std::nullopt;
    }
    Begin();
  }
  cursor_ = message.cursor();
  return message;
}

ticket::v1::TicketEvent Watch::NextEvent() {
  while (auto message = Next()) {
    if (message->has_event()) {
      return message->event();
    }
  }
  ADD_FAILURE() << "the watch ended: " << End();
  return {};
}

absl::Status Watch::End() {
  if (!ended_) {
    ended_ = rpc::FromGrpc(reader_->Finish());
  }
  return *ended_;
}

void Watch::Cancel() {
  if (!ended_) {
    cancelled_ = true;
    context_->TryCancel();
    while (Next()) {
    }
    End().IgnoreError();
  }
}

}  // namespace baimi::integration
