"""How checks drive a gateway: the case, valid requests, scripts for the mock, loads and drains."""
