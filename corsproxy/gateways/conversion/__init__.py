"""What the gateways' files share: losses, the policy on its way, text as the formats spell it."""
