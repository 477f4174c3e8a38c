//! The service that shows the rules.

use crate::gate::{Shared, visit};
use crate::metrics::{Record, Rpc};
use mugai_core::Kind;
use mugai_engine::policy::Explanation;
use mugai_engine::{Policy, Route};
use mugai_proto::v1::policy_service_server::PolicyService;
use mugai_proto::v1::{
    self, ExplainPolicyRequest, ExplainPolicyResponse, GetPolicyRequest, GetPolicyResponse,
    PolicyVersion, ReloadPoliciesRequest, ReloadPoliciesResponse,
};
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// The service.
pub(crate) struct Rules(pub(crate) Arc<Shared>);

#[tonic::async_trait]
impl PolicyService for Rules {
    async fn get_policy(
        &self,
        request: Request<GetPolicyRequest>,
    ) -> Result<Response<GetPolicyResponse>, Status> {
        let record = self.record(Rpc::GetPolicy, &request);
        let answer = self.get(&request);
        record.end(answer.as_ref().err());
        answer
    }

    async fn explain_policy(
        &self,
        request: Request<ExplainPolicyRequest>,
    ) -> Result<Response<ExplainPolicyResponse>, Status> {
        let record = self.record(Rpc::ExplainPolicy, &request);
        let answer = self.explain(&request);
        record.end(answer.as_ref().err());
        answer
    }

    async fn reload_policies(
        &self,
        request: Request<ReloadPoliciesRequest>,
    ) -> Result<Response<ReloadPoliciesResponse>, Status> {
        let record = self.record(Rpc::ReloadPolicies, &request);
        let answer = self.reload(&request).await;
        record.end(answer.as_ref().err());
        answer
    }
}

impl Rules {
    /// Begins to count a call.
    fn record<T>(&self, rpc: Rpc, request: &Request<T>) -> Record {
        let mut record = Record::begin(&self.0, rpc, request.metadata());
        if let Ok(visit) = visit(request.extensions()) {
            record.caller(&visit.caller.name);
        }
        record
    }

    fn get(
        &self,
        request: &Request<GetPolicyRequest>,
    ) -> Result<Response<GetPolicyResponse>, Status> {
        let policy = self.policy(&request.get_ref().policy)?;
        Ok(Response::new(GetPolicyResponse {
            version: Some(version(policy.name(), &policy)),
            routes: policy.routes().iter().map(route).collect(),
        }))
    }

    fn explain(
        &self,
        request: &Request<ExplainPolicyRequest>,
    ) -> Result<Response<ExplainPolicyResponse>, Status> {
        let asked = request.get_ref();
        let policy = self.policy(&asked.policy)?;
        let mut kinds = Kind::ALL.iter().copied();
        let kind = kinds
            .find(|kind| kind.code() == asked.kind)
            .ok_or_else(|| Status::invalid_argument("kind: there is no such kind of file"))?;
        // zones stand in the explanation as they were asked for, so they are held to words
        if !crate::docket::is_word(&asked.from_zone) || !crate::docket::is_word(&asked.to_zone) {
            return Err(Status::invalid_argument(
                "from_zone, to_zone: letters, digits and . _ : -",
            ));
        }
        let explained = Explanation::of(&policy, &asked.from_zone, &asked.to_zone, kind);
        Ok(Response::new(ExplainPolicyResponse {
            treatment: explained.treatment().code().to_owned(),
            explanation: explained.to_string(),
        }))
    }

    async fn reload(
        &self,
        request: &Request<ReloadPoliciesRequest>,
    ) -> Result<Response<ReloadPoliciesResponse>, Status> {
        if !visit(request.extensions())?.caller.admin {
            return Err(Status::permission_denied(
                "this caller may not have policies read again",
            ));
        }
        let policies = Arc::clone(&self.0.policies);
        let read = tokio::task::spawn_blocking(move || policies.reload()).await;
        let read = read.map_err(|_| Status::internal("reading the policies broke off"))?;
        tell(&read);
        read.map_err(Status::failed_precondition)?;
        let all = self.0.policies.all();
        let policies = all
            .iter()
            .map(|(name, policy)| version(name, policy))
            .collect();
        Ok(Response::new(ReloadPoliciesResponse { policies }))
    }

    fn policy(&self, name: &str) -> Result<Arc<Policy>, Status> {
        let policy = self.0.policies.named(name);
        policy.ok_or_else(|| Status::not_found("policy: there is none of this name"))
    }
}

/// Says in the log how a reload went.
pub(crate) fn tell(read: &Result<(), String>) {
    match read {
        Ok(()) => tracing::info!("policies were read again"),
        Err(problem) => tracing::error!(problem, "the last good policies stay in force"),
    }
}

fn version(name: &str, policy: &Policy) -> PolicyVersion {
    PolicyVersion {
        name: name.to_owned(),
        hash: policy.hash().to_owned(),
    }
}

fn route(route: &Route) -> v1::Route {
    let treatments = route
        .treatments
        .iter()
        .map(|(family, treatment)| v1::Treatment {
            family: family.code().to_owned(),
            treatment: treatment.code().to_owned(),
        });
    v1::Route {
        from_zone: route.from.clone(),
        to_zone: route.to.clone(),
        treatments: treatments.collect(),
        deadline_ms: u64::try_from(route.deadline.as_millis()).unwrap_or(u64::MAX),
        bytes: route.part.bytes.min(route.job.bytes),
    }
}
