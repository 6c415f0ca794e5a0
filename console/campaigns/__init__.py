"""The campaigns' screens: the list, one campaign, making and changing one, starting and stopping."""
