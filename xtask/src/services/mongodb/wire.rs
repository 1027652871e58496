//! As much of MongoDB's protocol as it takes to make a replica set, which nothing but a client can.

use std::io::{Read, Write};

/// Largest answer believed.
const ANSWER_BYTES: usize = 1024 * 1024;
const OP_MSG: i32 = 2013;
const HEADER: usize = 16;

/// A value of BSON.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Int(i32),
    Text(String),
    Array(Vec<Value>),
    Document(Vec<(&'static str, Value)>),
}

/// Sends a command to the database `admin` and gives the answer as it came.
pub(crate) fn call(
    stream: &mut (impl Read + Write),
    command: &[(&'static str, Value)],
) -> anyhow::Result<Vec<u8>> {
    let mut command = command.to_vec();
    command.push(("$db", Value::Text("admin".to_owned())));
    stream.write_all(&message(&command)?)?;
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = usize::try_from(i32::from_le_bytes(length))?;
    anyhow::ensure!(
        (HEADER..ANSWER_BYTES).contains(&length),
        "an answer of {length} bytes"
    );
    let mut answer = vec![0; length - 4];
    stream.read_exact(&mut answer)?;
    Ok(answer)
}

/// Whether the server takes writes.
pub(crate) fn is_primary(stream: &mut (impl Read + Write)) -> anyhow::Result<bool> {
    let answer = call(stream, &[("hello", Value::Int(1))])?;
    // A boolean of that name, found without reading the rest of the document.
    let wanted = b"\x08isWritablePrimary\0\x01";
    Ok(answer.windows(wanted.len()).any(|window| window == wanted))
}

fn message(command: &[(&'static str, Value)]) -> anyhow::Result<Vec<u8>> {
    let body = document(command.iter().map(|(name, value)| (*name, value)))?;
    // The header, no flags, and one section that is the document.
    let length = i32::try_from(HEADER + 5 + body.len())?;
    let mut bytes = Vec::new();
    for number in [length, 1, 0, OP_MSG, 0] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.push(0);
    bytes.extend(body);
    Ok(bytes)
}

fn document<'a>(
    fields: impl Iterator<Item = (impl AsRef<str>, &'a Value)>,
) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let (kind, bytes) = encode(value)?;
        body.push(kind);
        body.extend(name.as_ref().bytes());
        body.push(0);
        body.extend(bytes);
    }
    let length = i32::try_from(body.len() + 5)?;
    let mut bytes = length.to_le_bytes().to_vec();
    bytes.extend(body);
    bytes.push(0);
    Ok(bytes)
}

fn encode(value: &Value) -> anyhow::Result<(u8, Vec<u8>)> {
    Ok(match value {
        Value::Int(number) => (0x10, number.to_le_bytes().to_vec()),
        Value::Text(text) => {
            let mut bytes = i32::try_from(text.len() + 1)?.to_le_bytes().to_vec();
            bytes.extend(text.bytes());
            bytes.push(0);
            (0x02, bytes)
        }
        Value::Array(items) => {
            let fields = (0..).map(|at: u32| at.to_string()).zip(items);
            (0x04, document(fields)?)
        }
        Value::Document(fields) => (
            0x03,
            document(fields.iter().map(|(name, value)| (*name, value)))?,
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_encoded_as_the_specification_has_them() {
        let hello = document([("hello", &Value::Text("world".to_owned()))].into_iter());
        assert_eq!(
            hello.unwrap(),
            b"\x16\0\0\0\x02hello\0\x06\0\0\0world\0\0".to_vec()
        );
        let list = Value::Array(vec![Value::Int(1992)]);
        let list = document([("BSON", &list)].into_iter()).unwrap();
        let inner = b"\x0c\0\0\0\x100\0\xc8\x07\0\0\0";
        let mut expected = b"\x17\0\0\0\x04BSON\0".to_vec();
        expected.extend(inner);
        expected.push(0);
        assert_eq!(list, expected);
    }

    #[test]
    fn a_message_tells_its_own_length() {
        let bytes = message(&[("hello", Value::Int(1))]).unwrap();
        let told = i32::from_le_bytes(bytes[..4].try_into().unwrap());
        assert_eq!(usize::try_from(told).unwrap(), bytes.len());
        assert_eq!(bytes[12..16], OP_MSG.to_le_bytes());
    }

    /// A server that gives one answer, whatever it is asked.
    struct Answers(std::io::Cursor<Vec<u8>>);

    impl Read for Answers {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0.read(buffer)
        }
    }

    impl Write for Answers {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn primary(answer: &[u8]) -> anyhow::Result<bool> {
        let mut bytes = i32::try_from(answer.len() + 16)?.to_le_bytes().to_vec();
        bytes.extend([0; 12]);
        bytes.extend(answer);
        is_primary(&mut Answers(std::io::Cursor::new(bytes)))
    }

    #[test]
    fn a_primary_is_known_by_its_own_word() {
        assert!(primary(b"\x08isWritablePrimary\0\x01").unwrap());
        assert!(!primary(b"\x08isWritablePrimary\0\x00").unwrap());
        assert!(!primary(b"").unwrap());
    }

    #[test]
    fn an_answer_that_makes_no_sense_is_an_error() {
        let answers = |bytes: &[u8]| Answers(std::io::Cursor::new(bytes.to_vec()));
        assert!(is_primary(&mut answers(b"\xff\xff\xff\xff")).is_err());
        assert!(is_primary(&mut answers(b"\xff\xff\xff\x7f")).is_err());
        assert!(is_primary(&mut answers(b"")).is_err());
    }
}
