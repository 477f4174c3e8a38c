//! Another configuration is put in force.

use crate::world::{World, unary};
use mugai_server::Policies;
use mugai_server::config::{Config, Identity};
use tonic::Code;

fn apply(world: &World, config: &Config) {
    let policies = Policies::load(&config.policy, &config.policies).unwrap();
    world.reload.apply(config, &policies).unwrap();
}

async fn code(world: &World) -> Code {
    let answer = world.service().await.sanitise(unary(b"abc")).await;
    answer.map_or_else(|status| status.code(), |_| Code::Ok)
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_limits_and_policies_are_replaced() {
    let world = World::new().await;
    assert_eq!(code(&world).await, Code::Ok);

    let mut other = world.config.clone();
    other.callers[0].identity = Identity::Uid(u32::MAX - 1);
    apply(&world, &other);
    assert_eq!(code(&world).await, Code::PermissionDenied);

    let mut other = world.config.clone();
    other.callers[0].pairs.clear();
    apply(&world, &other);
    assert_eq!(code(&world).await, Code::PermissionDenied);

    let mut other = world.config.clone();
    other.limits.message = 2;
    other.limits.spooled_above = 2;
    apply(&world, &other);
    assert_eq!(code(&world).await, Code::OutOfRange);

    let mut other = world.config.clone();
    "city".clone_into(&mut other.policy);
    other.policies.remove("text-only");
    apply(&world, &other);
    let mut request = unary(b"abc");
    "text-only".clone_into(&mut request.header.as_mut().unwrap().policy);
    let status = world.service().await.sanitise(request).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);

    apply(&world, &world.config);
    assert_eq!(code(&world).await, Code::Ok);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_under_way_keep_what_they_began_with() {
    let world = World::new().await;
    world.shut();
    let mut service = world.service().await;
    let first = tokio::spawn(async move { service.sanitise(unary(b"abc")).await });
    world.waiting(1).await;
    let mut narrow = world.config.clone();
    narrow.limits.calls = 1;
    apply(&world, &narrow);
    assert_eq!(code(&world).await, Code::ResourceExhausted);
    narrow.callers[0].identity = Identity::Uid(u32::MAX - 1);
    apply(&world, &narrow);
    world.open();
    assert!(first.await.unwrap().is_ok());
    apply(&world, &world.config);
    assert_eq!(code(&world).await, Code::Ok);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_replaced_when_files_could_not_wait_on_disk() {
    let world = World::new().await;
    let mut other = world.config.clone();
    other.limits.spooled_above = 1;
    other.callers[0].identity = Identity::Uid(u32::MAX - 1);
    let policies = Policies::load(&other.policy, &other.policies).unwrap();
    let folder = world.folder.path();
    // the folder of the spool is that of the socket here; without it nothing can be written
    let aside = folder.with_extension("aside");
    std::fs::rename(folder, &aside).unwrap();
    assert!(world.reload.apply(&other, &policies).is_err());
    std::fs::rename(&aside, folder).unwrap();
    assert_eq!(code(&world).await, Code::Ok);
    assert!(world.reload.apply(&other, &policies).is_ok());
    assert_eq!(code(&world).await, Code::PermissionDenied);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_told_whether_it_was_replaced() {
    let world = World::new().await;
    let policies = Policies::load(&world.config.policy, &world.config.policies).unwrap();
    let good = Ok((world.config.clone(), policies));
    assert!(world.reload.take(good).is_ok());
    assert!(world.reload.take(Err("no".to_owned())).is_err());
    let page = (world.metrics)();
    for line in [
        "mugai_policy_reloads_total{result=\"good\"} 1",
        "mugai_policy_reloads_total{result=\"bad\"} 1",
        "mugai_events_total{event=\"1005\"} 1",
    ] {
        assert!(page.lines().any(|have| have == line), "{line}\n{page}");
    }
}
