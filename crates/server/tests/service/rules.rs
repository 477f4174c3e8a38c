//! Policies over the wire, health, reflection.

use crate::world::{LIMITS, World, header, policy, unary};
use mugai_proto::v1::{ExplainPolicyRequest, GetPolicyRequest, ReloadPoliciesRequest};
use tonic::Code;

#[tokio::test(flavor = "multi_thread")]
async fn policies_are_shown_and_explained() {
    let world = World::new().await;
    let mut rules = world.rules().await;
    let get = |name: &str| GetPolicyRequest {
        policy: name.to_owned(),
    };
    let default = rules.get_policy(get("")).await.unwrap().into_inner();
    let library = mugai_engine::Policy::preset("text-only").unwrap();
    assert_eq!(default.version.unwrap().hash, library.hash());
    assert_eq!(default.routes.len(), library.routes().len());
    assert_eq!(
        rules.get_policy(get("none")).await.unwrap_err().code(),
        Code::NotFound
    );
    let mut asked = ExplainPolicyRequest {
        policy: String::new(),
        from_zone: "internet".to_owned(),
        to_zone: "lgwan".to_owned(),
        kind: "executable".to_owned(),
    };
    let explained = rules
        .explain_policy(asked.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(explained.treatment, "withhold");
    assert!(explained.explanation.contains("executable"));
    "nonsense".clone_into(&mut asked.kind);
    let status = rules.explain_policy(asked).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_policy_never_replaces_a_good_one() {
    let world = World::new().await;
    let mut rules = world.rules().await;
    let file = world.folder.path().join("city.toml");
    let city = || GetPolicyRequest {
        policy: "city".to_owned(),
    };
    let first = rules.get_policy(city()).await.unwrap().into_inner();

    for bad in [
        "nonsense = 1\n".to_owned(),
        policy("a b"),
        format!("isolation = \"in-process\"\n{}", policy("x")),
    ] {
        std::fs::write(&file, bad).unwrap();
        let status = rules
            .reload_policies(ReloadPoliciesRequest {})
            .await
            .unwrap_err();
        assert_eq!(status.code(), Code::FailedPrecondition);
        assert_eq!(rules.get_policy(city()).await.unwrap().into_inner(), first);
        let mut request = unary(b"abc");
        request.header = Some(mugai_proto::v1::Header {
            policy: "city".to_owned(),
            ..header()
        });
        assert!(world.service().await.sanitise(request).await.is_ok());
    }

    std::fs::write(&file, policy("town")).unwrap();
    let now = rules
        .reload_policies(ReloadPoliciesRequest {})
        .await
        .unwrap()
        .into_inner();
    let hash = &now
        .policies
        .iter()
        .find(|policy| policy.name == "city")
        .unwrap()
        .hash;
    let second = rules.get_policy(city()).await.unwrap().into_inner();
    assert_eq!(&second.version.as_ref().unwrap().hash, hash);
    assert_ne!(second, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_some_may_have_policies_read_again() {
    let world = World::with(LIMITS, false).await;
    let status = world
        .rules()
        .await
        .reload_policies(ReloadPoliciesRequest {})
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_says_serving() {
    use tonic_health::pb::health_check_response::ServingStatus;
    use tonic_health::pb::health_client::HealthClient;
    let world = World::new().await;
    let mut health = HealthClient::new(world.channel().await);
    for service in ["", "mugai.v1.SanitiseService", "mugai.v1.PolicyService"] {
        let request = tonic_health::pb::HealthCheckRequest {
            service: service.to_owned(),
        };
        let status = health.check(request).await.unwrap().into_inner().status();
        assert_eq!(status, ServingStatus::Serving, "{service}");
    }
}
