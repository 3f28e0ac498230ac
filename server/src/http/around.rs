//! A layer that is a function. axum's `middleware::from_fn` reads the same, but copies and boxes all that is below it
//! with every request; here the request goes straight on, and one future is boxed.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{extract::Request, response::Response, routing::Route};
use futures::FutureExt;
use tower::{Layer, Service};

/// The function gets the request and the route that answers it; what it returns is the answer to be.
#[derive(Clone)]
pub struct Around<F>(pub F);

impl<F: Clone> Layer<Route> for Around<F> {
    type Service = Surrounded<F>;

    fn layer(&self, route: Route) -> Surrounded<F> {
        Surrounded { around: self.0.clone(), route }
    }
}

/// A route with a function around it.
#[derive(Clone)]
pub struct Surrounded<F> {
    around: F,
    route: Route,
}

impl<F, A> Service<Request> for Surrounded<F>
where
    F: Fn(Request, &mut Route) -> A,
    A: Future<Output = Response> + Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(())) // as routes always are
    }

    fn call(&mut self, request: Request) -> Self::Future {
        Box::pin((self.around)(request, &mut self.route).map(Ok))
    }
}

/// The route's answer. Made of combinators, like what is around it: an async block holds what it awaits twice.
pub fn answer_of(route: &mut Route, request: Request) -> impl Future<Output = Response> + Send + use<> {
    route.call(request).map(|Ok(answer)| answer)
}
