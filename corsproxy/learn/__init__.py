"""learn: let everything pass, watch what pages really use, write the policy that suffices."""
