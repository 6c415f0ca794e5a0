"""What the gate looks at, one kind of rule a module, in the order of the gate. Pure: a case in, refusals out."""
