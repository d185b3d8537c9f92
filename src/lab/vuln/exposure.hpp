#pragma once
// How an attacker reaches each component, as far as the start-up configuration and the programs of an image tell. Pure.

#include "model/facts.hpp"

namespace shirushi::vuln {

/// A row for each component of which something is known, in the components' order; no row: unknown. What decides:
/// - a service that waits for the network (it has a port or a protocol, and not on the loopback address alone) makes its program
///   `listening`; any other that starts at boot makes it `started`; so do they the libraries their programs load, in any number of steps;
/// - a component is the program whose file it was found in, that bears its name, or whose applet it holds;
/// - a Linux kernel is `started`;
/// - `idle` is a component in a program or library of the image that none of these reach, and only where no place was left unread.
/// What programs start in their turn is not seen, nor what loads libraries by name while it runs. Not observed where services or
/// components were not.
Table<ComponentExposure> exposures(const Facts& facts);

}  // namespace shirushi::vuln
