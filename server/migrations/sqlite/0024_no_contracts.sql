-- Nothing read it: the contract copy is in `companies`, and a card has its contract in `cards`.
DROP TABLE contracts;
