"""Certificates, electronic seals and the signatures of documents."""
