#include "common/auth/identity.h"

#include "absl/strings/match.h"
#include "common/base/error.h"
#include "gtest/gtest.h"

namespace baimi::auth {
namespace {

Identity Clerk() {
  Identity clerk;
  clerk.id = "clerk-03";
  clerk.unit = "zhujian";
  clerk.audience = Audience::kStaff;
  clerk.counties = {"469030"};
  clerk.permissions = {"ticket.sign", "ticketPolicy.get"};
  clerk.resources = {"area"};
  return clerk;
}

options::v1::MethodPolicy Policy(const std::string& permission,
                                 options::v1::Audience audience = options::v1::PUBLIC) {
  options::v1::MethodPolicy policy;
  policy.set_permission(permission);
  policy.set_audience(audience);
  return policy;
}

TEST(Authorize, Table_OfGrantsAndCounties) {
  struct Case {
    const char* permission;
    const char* county;
    bool allowed;
  };
  const Case cases[] = {
      {"ticket.sign", "469030", true},
      {"ticket.sign", "", true},
      {"ticket.sign", "469031", false},
      {"ticket.dispatch", "469030", false},
      {"area.get", "469030", true},
      {"area.import", "469030", true},
      {"areas.get", "469030", false},
      {"ticketPolicy.get", "469030", true},
      {"ticketPolicy.set", "469030", false},
      {"ticket", "469030", false},
      {"", "469030", false},
  };
  for (const Case& c : cases) {
    const absl::Status status = Authorize(Clerk(), Policy(c.permission), c.county);
    EXPECT_EQ(status.ok(), c.allowed) << c.permission << " " << c.county;
    if (!c.allowed) {
      EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
      EXPECT_EQ(ReasonOf(status), "PERMISSION_MISSING");
    }
  }
}

TEST(Authorize, Refusal_NamesPermissionAndCountyAndNobody) {
  const absl::Status status = Authorize(Clerk(), Policy("ticket.dispatch"), "469030");
  EXPECT_TRUE(absl::StrContains(status.message(), "ticket.dispatch in county 469030")) << status;
  EXPECT_EQ(ErrorInfoOf(status)->metadata().at("permission"), "ticket.dispatch");
  EXPECT_EQ(ErrorInfoOf(status)->metadata().at("county"), "469030");
  EXPECT_FALSE(absl::StrContains(status.ToString(), "clerk-03"));
}

TEST(Authorize, InternalMethod_IsForServicesOnly) {
  Identity service = Clerk();
  service.audience = Audience::kService;
  for (const auto audience : {options::v1::INTERNAL, options::v1::AUDIENCE_UNSPECIFIED}) {
    EXPECT_FALSE(Authorize(Clerk(), Policy("ticket.sign", audience), "469030").ok());
    EXPECT_TRUE(Authorize(service, Policy("ticket.sign", audience), "469030").ok());
  }
}

TEST(Authorize, AllCounties_ReachesAny) {
  Identity identity = Clerk();
  identity.counties.clear();
  EXPECT_FALSE(Authorize(identity, Policy("ticket.sign"), "110101").ok());
  identity.all_counties = true;
  EXPECT_TRUE(Authorize(identity, Policy("ticket.sign"), "110101").ok());
}

TEST(Authorize, ScopedMethodWithoutCounty_IsRefusedAtTheField) {
  options::v1::MethodPolicy policy = Policy("ticket.sign");
  policy.set_scope_field("ticket.name");
  const absl::Status status = Authorize(Clerk(), policy, "");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(BadRequestOf(status)->field_violations(0).field(), "ticket.name");
  EXPECT_TRUE(Authorize(Clerk(), policy, "469030").ok());
}

TEST(ScopeOf, Restrictions_MakeItPartial) {
  Identity identity = Clerk();
  EXPECT_TRUE(ScopeOf(identity).whole_county);
  identity.area_prefixes = {"469030100"};
  EXPECT_FALSE(ScopeOf(identity).whole_county);
  EXPECT_EQ(ScopeOf(identity).area_prefixes, identity.area_prefixes);
  identity.area_prefixes.clear();
  identity.units = {"zhujian"};
  EXPECT_FALSE(ScopeOf(identity).whole_county);
  EXPECT_EQ(ScopeOf(identity).units, identity.units);
}

TEST(ActorOf, NoMetadata_IsTheIdentityItself) {
  const auto actor = ActorOf(Clerk(), "");
  ASSERT_TRUE(actor.ok());
  EXPECT_EQ(actor->id(), "clerk-03");
  EXPECT_EQ(actor->unit(), "zhujian");
  EXPECT_EQ(actor->via_service(), "");
}

TEST(ActorOf, Service_ActsForTheOneItNames) {
  Identity service;
  service.id = "baimi-ticket";
  service.audience = Audience::kService;
  type::v1::Actor original;
  original.set_id("clerk-03");
  for (const char* unit : {"", "zhujian"}) {
    original.set_unit(unit);
    const auto actor = ActorOf(service, ActorMetadata(original));
    ASSERT_TRUE(actor.ok()) << actor.status();
    EXPECT_EQ(actor->id(), "clerk-03");
    EXPECT_EQ(actor->unit(), unit);
    EXPECT_EQ(actor->via_service(), "baimi-ticket");
  }
  for (const char* bad : {"/", "a/", "/b", "a/b/c", "王芳", "a b", "a\nb"}) {
    EXPECT_EQ(ActorOf(service, bad).status().code(), absl::StatusCode::kInvalidArgument) << bad;
  }
  EXPECT_FALSE(ActorOf(service, std::string(64, 'a')).ok());
}

TEST(ActorOf, AnybodyElse_MayNotNameAnother) {
  EXPECT_EQ(ReasonOf(ActorOf(Clerk(), "clerk-04").status()), "PERMISSION_MISSING");
  EXPECT_EQ(ReasonOf(ActorOf(Clerk(), "clerk-03").status()), "PERMISSION_MISSING");
}

}  // namespace
}  // namespace baimi::auth
