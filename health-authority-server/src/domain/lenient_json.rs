//! JSON as the reference servers read it (Go's `encoding/json`): `null` is as good as nothing, names of
//! fields count whatever their case, and of a name that stands twice the last value counts.

use serde::de::value::Error as NoValue;
use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value};

/// Reads `T`, and in it lists of `Inner`.
pub fn read<T: DeserializeOwned, Inner: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    let names = [field_names::<T>(), field_names::<Inner>()].concat();
    let value: Value = serde_json::from_slice(json)?;
    if !value.is_object() {
        return Err(serde_json::Error::custom("not an object"));
    }
    serde_json::from_value(regular(value, &names))
}

/// Without what is null, with names as `names` writes them.
fn regular(value: Value, names: &[&'static str]) -> Value {
    match value {
        Value::Object(fields) => {
            let mut written = Map::new();
            for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_null()) {
                let known = names.iter().find(|known| known.eq_ignore_ascii_case(&name));
                let name = if names.contains(&name.as_str()) {
                    name
                } else {
                    known.map_or(name, |known| (*known).to_owned())
                };
                written.insert(name, regular(value, names));
            }
            Value::Object(written)
        }
        Value::Array(values) => {
            Value::Array(values.into_iter().map(|value| regular(value, names)).collect())
        }
        plain => plain,
    }
}

/// The names of a struct's fields: what it asks a deserializer for.
fn field_names<T: DeserializeOwned>() -> Vec<&'static str> {
    let mut names = FieldNames(Vec::new());
    // It gets nothing, and says so.
    let _ = T::deserialize(&mut names);
    names.0
}

struct FieldNames(Vec<&'static str>);

impl<'de> Deserializer<'de> for &mut FieldNames {
    type Error = NoValue;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, NoValue> {
        self.0 = fields.to_vec();
        Err(NoValue::custom("only the names are asked for"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, NoValue> {
        Err(NoValue::custom("not a struct"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vungxanh_protocol::api::{IssueRequest, PublishRequest, PublishedKey, VerifyRequest};

    use super::*;

    #[test]
    fn null_is_as_good_as_nothing_and_case_does_not_matter() {
        let read_issue = |json: &str| read::<IssueRequest, ()>(json.as_bytes()).unwrap();
        let plain = read_issue(r#"{"testType":"likely"}"#);
        assert_eq!(read_issue(r#"{"TESTTYPE":"likely","uuid":null,"Tzoffset":null}"#), plain);
        assert_eq!(read_issue(r#"{"testtype":"likely","symptomDate":null,"x":null}"#), plain);
        let verify = read::<VerifyRequest, ()>(br#"{"Code":"1","ACCEPT":null,"nonce":null}"#);
        assert_eq!(verify.unwrap().code, "1");
        let publish =
            br#"{"TemporaryExposureKeys":[{"Key":"a","rollingperiod":3,"transmissionRisk":null}],
            "healthauthorityid":"vn.x","HMACKEY":"h","padding":null}"#;
        let publish = read::<PublishRequest, PublishedKey>(publish).unwrap();
        let [key] = &publish.temporary_exposure_keys[..] else { panic!("one key") };
        assert_eq!((key.key.as_str(), key.rolling_period, key.transmission_risk), ("a", 3, 0));
        assert_eq!(
            (publish.health_authority_id.as_str(), publish.hmac_key.as_str()),
            ("vn.x", "h")
        );
        let twice = read::<VerifyRequest, ()>(br#"{"code":"1","code":"2"}"#).unwrap();
        assert_eq!(twice.code, "2");
    }

    #[test]
    fn other_values_than_expected_are_refused() {
        for json in ["", "[]", "1", r#"{"code":1}"#, r#"{"code":"1"}x"#, r#"{"code":["1"]}"#] {
            assert!(read::<VerifyRequest, ()>(json.as_bytes()).is_err(), "{json}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_by_an_ordinary_reader(code in "\\PC{0,20}", padding in "[a-z]{0,20}") {
            let request = VerifyRequest { code, padding, ..Default::default() };
            let json = serde_json::to_vec(&request).unwrap();
            prop_assert_eq!(read::<VerifyRequest, ()>(&json).unwrap(), request);
        }
    }
}
