//! How many connections a node and an address may have.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The node or the address has as many connections as it may; come back later (close code 4013).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many connections")]
pub struct Overloaded;

/// Counts connections; its size is bounded by their number.
#[derive(Debug)]
pub(super) struct Gate {
    open: Mutex<Open>,
    on_node: usize,
    per_address: u32,
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    closed: bool,
    by_address: HashMap<IpAddr, u32>,
}

/// The right to one connection, given back when dropped.
#[derive(Debug)]
pub struct Admission {
    gate: Arc<Gate>,
    address: IpAddr,
}

impl Gate {
    pub(super) fn new(on_node: usize, per_address: u32) -> Arc<Self> {
        Arc::new(Self {
            open: Mutex::default(),
            on_node,
            per_address,
        })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Admits nobody from now on.
    pub(super) fn close(&self) {
        self.open().closed = true;
    }

    pub(super) fn admit(self: &Arc<Self>, address: IpAddr) -> Result<Admission, Overloaded> {
        let address = neighbourhood(address);
        let mut open = self.open();
        let of_address = open.by_address.get(&address).copied().unwrap_or(0);
        if open.closed || open.total >= self.on_node || of_address >= self.per_address {
            return Err(Overloaded);
        }
        open.total += 1;
        open.by_address.insert(address, of_address + 1);
        Ok(Admission {
            gate: Arc::clone(self),
            address,
        })
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut open = self.gate.open();
        open.total = open.total.saturating_sub(1);
        match open.by_address.get_mut(&self.address) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                open.by_address.remove(&self.address);
            }
        }
    }
}

/// What counts as one address: an IPv6 subscriber has a whole /64.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Gate, Overloaded};
    use std::net::IpAddr;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_gets_its_share_and_gives_it_back() {
        let gate = Gate::new(10, 2);
        let first = gate.admit(address("10.0.0.1")).unwrap();
        let _second = gate.admit(address("::ffff:10.0.0.1")).unwrap();
        assert_eq!(gate.admit(address("10.0.0.1")).unwrap_err(), Overloaded);
        assert!(gate.admit(address("10.0.0.2")).is_ok());
        drop(first);
        assert!(gate.admit(address("10.0.0.1")).is_ok());
        assert_eq!(gate.open().by_address.len(), 1);
    }

    #[test]
    fn a_subnet_of_ipv6_is_one_address() {
        let gate = Gate::new(10, 1);
        let _held = gate.admit(address("2001:db8:1:2::1")).unwrap();
        assert!(gate.admit(address("2001:db8:1:2:ffff::9")).is_err());
        assert!(gate.admit(address("2001:db8:1:3::1")).is_ok());
    }

    #[test]
    fn the_node_has_a_limit_and_admits_nobody_when_it_drains() {
        let gate = Gate::new(1, 9);
        let held = gate.admit(address("10.0.0.1")).unwrap();
        assert!(gate.admit(address("10.0.0.2")).is_err());
        drop(held);
        gate.close();
        assert!(gate.admit(address("10.0.0.2")).is_err());
    }
}
