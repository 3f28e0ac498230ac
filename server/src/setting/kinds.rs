//! Kinds of values, for `#[serde(deserialize_with = "…")]`: what a text or a number must be, in words for the operator. The error of a
//! type's own parser may quote the value, so these words speak instead.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use axum::http::HeaderName;
use chrono::TimeDelta;
use ipnet::IpNet;
use serde::{
    Deserialize, Deserializer,
    de::{self, Error, Visitor},
};
use url::Url;

/// A text that `parse` understands; `must` says what is asked for.
pub fn text<'de, T, D: Deserializer<'de>>(
    from: D,
    must: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, D::Error> {
    parse(&String::deserialize(from)?).ok_or_else(|| D::Error::custom(must))
}

/// The same; empty is not set.
pub fn optional<'de, T, D: Deserializer<'de>>(
    from: D,
    must: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    text.map(|text| parse(&text).ok_or_else(|| D::Error::custom(must))).transpose()
}

/// A list of such texts.
pub fn list<'de, T, D: Deserializer<'de>>(
    from: D,
    must: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    texts.iter().map(|text| parse(text)).collect::<Option<_>>().ok_or_else(|| D::Error::custom(must))
}

/// A whole number between two others, both allowed.
pub fn whole<'de, const LEAST: i64, const MOST: i64, T: TryFrom<i64>, D: Deserializer<'de>>(
    from: D,
) -> Result<T, D::Error> {
    let number = from.deserialize_i64(Whole { least: LEAST, most: MOST })?;
    T::try_from(number).map_err(|_| D::Error::custom("does not fit"))
}

struct Whole {
    least: i64,
    most: i64,
}

impl Visitor<'_> for Whole {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from {} to {}", self.least, self.most)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<i64, E> {
        let is_within = (self.least..=self.most).contains(&number);
        if is_within { Ok(number) } else { Err(E::invalid_value(de::Unexpected::Signed(number), &self)) }
    }
}

/// Whole seconds.
pub fn seconds<'de, const LEAST: i64, const MOST: i64, D: Deserializer<'de>>(
    from: D,
) -> Result<Duration, D::Error> {
    whole::<LEAST, MOST, _, _>(from).map(Duration::from_secs)
}

/// Whole days.
pub fn days<'de, const LEAST: i64, const MOST: i64, D: Deserializer<'de>>(
    from: D,
) -> Result<TimeDelta, D::Error> {
    whole::<LEAST, MOST, _, _>(from).map(TimeDelta::days)
}

/// A finite number, zero or above.
pub fn amount<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    struct Amount;
    impl Visitor<'_> for Amount {
        type Value = f64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number, zero or above")
        }

        #[expect(clippy::cast_precision_loss, reason = "amounts of money are far below 2^53")]
        fn visit_i64<E: Error>(self, number: i64) -> Result<f64, E> {
            self.visit_f64(number as f64)
        }

        fn visit_f64<E: Error>(self, number: f64) -> Result<f64, E> {
            let is_amount = number.is_finite() && number >= 0.0;
            if is_amount { Ok(number) } else { Err(E::invalid_value(de::Unexpected::Float(number), &self)) }
        }
    }
    from.deserialize_f64(Amount)
}

/// An `https` or `http` address without user name, query or fragment.
pub fn url<'de, D: Deserializer<'de>>(from: D) -> Result<Url, D::Error> {
    plain(&String::deserialize(from)?).map_err(D::Error::custom)
}

/// The same; empty is not set.
pub fn optional_url<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Url>, D::Error> {
    Option::<String>::deserialize(from)?.map(|text| plain(&text).map_err(D::Error::custom)).transpose()
}

fn plain(text: &str) -> Result<Url, &'static str> {
    let is_web = |url: &Url| matches!(url.scheme(), "https" | "http") && url.has_host();
    let url = Url::parse(text).ok().filter(is_web).ok_or("must be an address like https://example.com")?;
    let has_user = !url.username().is_empty() || url.password().is_some();
    if has_user || url.query().is_some() || url.fragment().is_some() {
        return Err("must be an address without user name, password, `?` and `#`");
    }
    Ok(url)
}

/// Where to listen.
pub fn socket_address<'de, D: Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
    text(from, "must be an address and a port, like 127.0.0.1:8080", |text| text.parse().ok())
}

/// Where to listen beside the server's own address; empty is not set.
pub fn optional_socket_address<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SocketAddr>, D::Error> {
    optional(from, "must be an address and a port, like 127.0.0.1:9464", |text| text.parse().ok())
}

/// Address ranges; an address alone is a range of one.
pub fn ranges<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<IpNet>, D::Error> {
    let range = |text: &str| text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok();
    list(from, "must be address ranges, like [\"127.0.0.0/8\", \"::1/128\"]", range)
}

/// The name of a header that holds addresses and nothing else; empty is not set.
pub fn header<'de, D: Deserializer<'de>>(from: D) -> Result<Option<HeaderName>, D::Error> {
    let name = |text: &str| HeaderName::try_from(text).ok().filter(|name| name != "forwarded");
    let must = "must be a header that holds addresses only, like X-Forwarded-For; `Forwarded` is not read";
    optional(from, must, name)
}
